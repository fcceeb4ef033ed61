use std::fs;
use std::os::unix::fs::symlink;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatehouse_testkit::TestCa;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::*;

/// An RSA key of 2048 bits in PKCS#8, made for this test.
const RSA: &str = include_str!("../../tests/data/rsa.pem");

/// A directory with a certificate and its key.
struct Home {
    directory: TempDir,
    ca: TestCa,
    files: Files,
}

impl Home {
    fn new() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let files =
            Files { certificate: directory.path().join("tls.crt"), key: directory.path().join("tls.key") };
        let home = Self { directory, ca: TestCa::temporary()?, files };
        let leaf = home.ca.issue()?;
        home.write(&leaf.certificate, &leaf.key)?;
        Ok(home)
    }

    fn write(&self, certificate: &str, key: &str) -> Result<()> {
        fs::write(&self.files.certificate, certificate)?;
        Ok(fs::write(&self.files.key, key)?)
    }

    fn load(&self) -> Result<(Certificate, Followed), CertificateError> {
        Certificate::load(self.files.clone(), Arc::new(rustls::crypto::ring::default_provider()))
    }

    /// Returns what a start says of the files as they are.
    fn complaint(&self) -> Result<String> {
        Ok(with_causes(&self.load().err().context("the files were taken")?))
    }
}

fn der(pem: &str) -> Result<CertificateDer<'static>> {
    Ok(CertificateDer::from_pem_slice(pem.as_bytes())?)
}

fn shown(certificate: &Certificate) -> Option<CertificateDer<'static>> {
    certificate.current.load().cert.first().cloned()
}

/// Returns what a PKCS#8 key wraps, which is SEC1 or PKCS#1: the octet string behind version and algorithm.
fn unwrapped(pkcs8: &[u8]) -> Result<&[u8]> {
    let (_, fields, _) = element(pkcs8)?;
    let (_, _, fields) = element(fields)?;
    let (_, _, fields) = element(fields)?;
    let (tag, inner, _) = element(fields)?;
    ensure!(tag == 0x04, "no octet string");
    Ok(inner)
}

/// Splits a DER element from what follows: tag, content, rest.
fn element(der: &[u8]) -> Result<(u8, &[u8], &[u8])> {
    let (header, rest) = der.split_at_checked(2).context("no header")?;
    let (length, rest) = match usize::from(header[1]) {
        short @ 0..0x80 => (short, rest),
        long => {
            let (digits, rest) = rest.split_at_checked(long - 0x80).context("no length")?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length).context("too short")?;
    Ok((header[0], content, rest))
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

#[test]
fn every_form_of_key_is_read() -> Result<()> {
    let home = Home::new()?;
    for (key, label) in
        [(KeyPair::generate()?, "EC PRIVATE KEY"), (KeyPair::from_pem(RSA)?, "RSA PRIVATE KEY")]
    {
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.self_signed(&key)?.pem();
        for text in [key.serialize_pem(), pem(label, unwrapped(&key.serialize_der())?)] {
            home.write(&certificate, &text)?;
            let (loaded, _) =
                home.load().with_context(|| text.lines().next().unwrap_or_default().to_owned())?;
            ensure!(shown(&loaded) == Some(der(&certificate)?), "another certificate");
        }
    }
    Ok(())
}

#[test]
fn a_chain_and_its_key_may_be_in_one_file() -> Result<()> {
    let mut home = Home::new()?;
    let leaf = home.ca.issue()?;
    home.write(&format!("{}{}{}", leaf.key, leaf.certificate, home.ca.pem()), "")?;
    home.files.key.clone_from(&home.files.certificate);
    let (loaded, _) = home.load()?;
    let chain = loaded.current.load().cert.clone();
    ensure!(chain == [der(&leaf.certificate)?, der(home.ca.pem())?], "{} certificates", chain.len());
    Ok(())
}

#[test]
fn what_is_wrong_names_the_file() -> Result<()> {
    let home = Home::new()?;
    let (leaf, other) = (home.ca.issue()?, home.ca.issue()?);
    let half = |text: &str| text.chars().take(text.len() / 2).collect::<String>();
    let (whole_certificate, whole_key) = (leaf.certificate.as_str(), leaf.key.as_str());
    let encrypted = pem("ENCRYPTED PRIVATE KEY", b"any");
    let cases = [
        ("", whole_key, "tls.crt` holds no PEM certificate"),
        (whole_key, whole_key, "tls.crt` holds no PEM certificate"),
        (&half(whole_certificate), whole_key, "tls.crt` is not a whole PEM file: "),
        (&pem("CERTIFICATE", b"any"), whole_key, "the certificate in `"),
        (whole_certificate, "", "tls.key` holds no PEM private key"),
        (whole_certificate, &encrypted, "tls.key` holds no PEM private key that is not encrypted"),
        (whole_certificate, &half(whole_key), "tls.key` is not a whole PEM file: "),
        (whole_certificate, &pem("PRIVATE KEY", b"any"), "the private key in `"),
        (whole_certificate, &other.key, "tls.key` does not belong to the first certificate in `"),
    ];
    for (certificate, key, expected) in cases {
        home.write(certificate, key)?;
        let complaint = home.complaint()?;
        ensure!(complaint.contains(expected), "{complaint}");
        ensure!(!complaint.contains(other.key.lines().nth(1).context("no key")?), "the key is told");
    }
    fs::remove_file(&home.files.key)?;
    ensure!(home.complaint()?.contains("tls.key`: No such file"), "{}", home.complaint()?);
    fs::remove_file(&home.files.certificate)?;
    ensure!(home.complaint()?.contains("tls.crt`: No such file"), "{}", home.complaint()?);
    Ok(())
}

#[test]
fn files_that_were_renamed_or_written_over_are_read_again() -> Result<()> {
    let home = Home::new()?;
    let (certificate, mut followed) = home.load()?;
    let first = certificate.current.load_full();
    ensure!(certificate.refresh(&mut followed).is_none(), "news of nothing");
    ensure!(Arc::ptr_eq(&first, &certificate.current.load_full()), "read again without need");

    let renamed = home.ca.issue()?;
    for (path, text) in [(&home.files.key, &renamed.key), (&home.files.certificate, &renamed.certificate)] {
        let new = path.with_extension("new");
        fs::write(&new, text)?;
        fs::rename(&new, path)?;
    }
    let replaced = Some(News::Replaced(home.files.certificate.clone()));
    ensure!(certificate.refresh(&mut followed) == replaced, "no news");
    ensure!(shown(&certificate) == Some(der(&renamed.certificate)?), "the old one stayed");

    let over = home.ca.issue()?;
    // Longer, as the time of the file may be the same.
    home.write(&format!("{}\n", over.certificate), &over.key)?;
    certificate.refresh(&mut followed);
    ensure!(shown(&certificate) == Some(der(&over.certificate)?), "the old one stayed");
    Ok(())
}

#[test]
fn a_link_that_is_swapped_is_followed() -> Result<()> {
    let mut home = Home::new()?;
    let (root, first, second) = (home.directory.path().to_owned(), home.ca.issue()?, home.ca.issue()?);
    for (name, leaf) in [("..one", &first), ("..two", &second)] {
        fs::create_dir(root.join(name))?;
        fs::write(root.join(name).join("tls.crt"), &leaf.certificate)?;
        fs::write(root.join(name).join("tls.key"), &leaf.key)?;
    }
    symlink("..one", root.join("..data"))?;
    for path in [&mut home.files.certificate, &mut home.files.key] {
        fs::remove_file(&*path)?;
        symlink(Path::new("..data").join(path.file_name().context("no name")?), &*path)?;
    }
    let (certificate, mut followed) = home.load()?;
    ensure!(shown(&certificate) == Some(der(&first.certificate)?), "another certificate");
    symlink("..two", root.join("..new"))?;
    fs::rename(root.join("..new"), root.join("..data"))?;
    certificate.refresh(&mut followed);
    ensure!(shown(&certificate) == Some(der(&second.certificate)?), "the old one stayed");
    Ok(())
}

#[test]
fn a_change_that_is_not_whole_is_waited_out() -> Result<()> {
    let home = Home::new()?;
    let (certificate, mut followed) = home.load()?;
    let (first, next) = (shown(&certificate), home.ca.issue()?);
    fs::write(&home.files.key, &next.key)?;
    expect_trouble(certificate.refresh(&mut followed), "does not belong")?;
    ensure!(certificate.refresh(&mut followed).is_none(), "told twice");
    fs::remove_file(&home.files.certificate)?;
    expect_trouble(certificate.refresh(&mut followed), "tls.crt`: No such file")?;
    ensure!(certificate.refresh(&mut followed).is_none(), "told twice");
    ensure!(shown(&certificate) == first, "the first one did not stay");
    fs::write(&home.files.certificate, &next.certificate)?;
    let replaced = Some(News::Replaced(home.files.certificate.clone()));
    ensure!(certificate.refresh(&mut followed) == replaced, "no news");
    ensure!(shown(&certificate) == Some(der(&next.certificate)?), "the old one stayed");
    Ok(())
}

fn expect_trouble(news: Option<News>, expected: &str) -> Result<()> {
    let is_expected = matches!(&news, Some(News::Trouble(text)) if text.contains(expected));
    ensure!(is_expected, "expected {expected}, found {news:?}");
    Ok(())
}

#[test]
fn trouble_that_comes_back_is_told_again() -> Result<()> {
    let home = Home::new()?;
    let (certificate, mut followed) = home.load()?;
    let away = home.files.key.with_extension("away");
    for _ in 0..2 {
        fs::rename(&home.files.key, &away)?;
        expect_trouble(certificate.refresh(&mut followed), "tls.key`: No such file")?;
        fs::rename(&away, &home.files.key)?;
        ensure!(certificate.refresh(&mut followed).is_none(), "news of what was there before");
    }
    Ok(())
}
