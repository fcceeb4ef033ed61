// A nameserver on a free port of this machine that knows the TXT records it is told.

import { createSocket } from "node:dgram";
import { once } from "node:events";

const TXT = 16;
const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;
// A response, by a server that looks further for others.
const FLAGS = 0x8180;
const POINTER_TO_THE_QUESTION = 0xc00c;
const HEADER_BYTES = 12;

/** Answers by RFC 1035, one question a message, one TXT record a name. */
export class Nameserver {
  /** From a name to what its record says; null where the server itself is to fail. */
  records = new Map();

  static async start() {
    const nameserver = new Nameserver();
    const socket = createSocket("udp4");
    socket.on("message", (query, { address, port }) => socket.send(nameserver.answer(query), port, address));
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    nameserver.address = `127.0.0.1:${socket.address().port}`;
    nameserver.stop = () => socket.close();
    return nameserver;
  }

  answer(query) {
    const { name, end } = readName(query);
    const type = query.readUInt16BE(end);
    const question = query.subarray(HEADER_BYTES, end + 4);
    const text = this.records.get(name);
    const records = typeof text === "string" && type === TXT ? [record(text)] : [];
    const code = text === null ? SERVER_FAILURE : text === undefined ? NO_SUCH_NAME : NO_ERROR;
    const header = words(query.readUInt16BE(0), FLAGS | code, 1, records.length, 0, 0);
    return Buffer.concat([header, question, ...records]);
  }
}

/** Reads the name of the question, and where it ends. */
function readName(query) {
  const labels = [];
  let at = HEADER_BYTES;
  while (query[at] !== 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]));
    at += 1 + query[at];
  }
  return { name: labels.join(".").toLowerCase(), end: at + 1 };
}

/** A TXT record of the name that was asked for, not to be kept. */
function record(text) {
  const data = Buffer.from(text, "latin1");
  return Buffer.concat([words(POINTER_TO_THE_QUESTION, TXT, 1, 0, 0, data.length + 1), Buffer.of(data.length), data]);
}

function words(...values) {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}
