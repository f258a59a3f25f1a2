// A mailbox for the walks: just enough IMAP for a client that reads and changes nothing. `mails` are texts with \n.
import { createServer } from 'node:net';

/** Starts it on a port that the system gives; mails pushed to `mails` have come in. */
export async function startMailbox(user, password) {
  const mails = [];
  const secret = Buffer.from(`\0${user}\0${password}`).toString('base64');
  const raw = (uid) => Buffer.from(mails[uid - 1].replace(/\n/g, '\r\n'));
  const fetched = (uid) => {
    const data = raw(uid);
    const head = `* ${uid} FETCH (UID ${uid} RFC822.SIZE ${data.length} INTERNALDATE "${mailDate()}" BODY[]<0> {${data.length}}\r\n`;
    return Buffer.concat([Buffer.from(head), data, Buffer.from(')\r\n')]);
  };
  const answer = (socket, line) => {
    const [tag, ...words] = line.split(' ');
    const text = words.join(' ');
    const say = (...lines) => lines.forEach((one) => socket.write(Buffer.isBuffer(one) ? one : `${one}\r\n`));
    const first = /^UID (?:SEARCH UID|FETCH) (\d+)(?::(\d+))?/.exec(text);
    if (text === 'CAPABILITY') say('* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN', `${tag} OK done`);
    else if (text === `AUTHENTICATE PLAIN ${secret}`) say(`${tag} OK signed in`);
    else if (text.startsWith('AUTHENTICATE')) say(`${tag} NO [AUTHENTICATIONFAILED] wrong user or password`);
    else if (text.startsWith('EXAMINE')) say(`* ${mails.length} EXISTS`, '* OK [UIDVALIDITY 7] ok', `* OK [UIDNEXT ${mails.length + 1}] ok`, `${tag} OK [READ-ONLY] done`);
    else if (text.startsWith('UID SEARCH')) say(`* SEARCH ${mails.map((_, at) => at + 1).filter((uid) => uid >= Number(first[1]) && uid <= Number(first[2])).join(' ')}`, `${tag} OK done`);
    else if (text.startsWith('UID FETCH')) say(fetched(Number(first[1])), `${tag} OK done`);
    else if (text === 'LOGOUT') say('* BYE', `${tag} OK done`);
    else say(`${tag} BAD what`);
  };
  const server = createServer((socket) => {
    let left = '';
    socket.on('error', () => undefined);
    socket.write('* OK ready\r\n');
    socket.on('data', (chunk) => {
      const lines = (left + chunk).split('\r\n');
      left = lines.pop();
      lines.forEach((line) => answer(socket, line));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { mails, port: server.address().port, stop: () => server.close() };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
function mailDate() {
  const at = new Date();
  const two = (n) => String(n).padStart(2, '0');
  return `${two(at.getUTCDate())}-${MONTHS[at.getUTCMonth()]}-${at.getUTCFullYear()} ${at.toISOString().slice(11, 19)} +0000`;
}
