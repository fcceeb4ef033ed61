import { Section } from "../components/Section";

/** Says how somebody comes to a password who signs in at a provider of identities. */
export function NoPassword({ email }: { email: string }) {
  return (
    <Section title="Password" lead="You sign in at a provider of identities, and have no password here.">
      <p className="text-xs leading-relaxed text-ink-soft">
        Whoever runs the server can make a link that sets one:
        <code className="mt-1.5 block max-w-md rounded bg-raised px-2 py-1.5 font-mono break-all text-ink">gatehouse users reset-password {email}</code>
      </p>
    </Section>
  );
}
