// The inbox: a mailbox is connected, mails come in, one is answered, one is linked to a person; mouse only but for words.
//
//   node tests/browser/inbox.mjs [--screens FOLDER] [--width 390] [--look dark]
import { parseArgs } from 'node:util';
import { startMailbox } from './imap.mjs';
import { openPage, startKith } from './kith.mjs';
import { makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: { screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' } } });
const width = Number(options.width);
const kith = await startKith();
const mailbox = await startMailbox('shop@harbour.example', 'secret');
const { browser, page, complaints } = await openPage(kith.base, { width, look: options.look });
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 2);
const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const button = (name) => page.getByRole('button', { name, exact: true });

/** What earlier pages did: a call as the signed-in owner. */
const call = (method, path, body) => page.evaluate(async ([verb, at, what]) => {
  const { csrf } = await (await fetch('/api/session')).json();
  const reply = await fetch(at, { method: verb, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: JSON.stringify(what) });
  if (!reply.ok) throw new Error(`${at}: ${reply.status} ${await reply.text()}`);
}, [method, path, body]);

async function openInbox() {
  if (width < 700) await page.locator('.tabs').getByRole('button', { name: 'More' }).click();
  await page.locator(width < 700 ? '.more' : '.side-nav').getByRole('link', { name: 'Inbox', exact: true }).click();
}

const mail = (from, subject, words, more = '') => `From: ${from}\nTo: shop@harbour.example\nSubject: ${subject}\n${more}Content-Type: text/plain; charset=utf-8\n\n${words}\n`;

await step('an inbox without a mailbox says what it is for', async () => {
  await page.goto(kith.link);
  await write(page.getByLabel('Your name'), 'Olive Owner');
  await write(page.getByLabel('Email'), 'olive@shop.example');
  await write(page.getByLabel('Password', { exact: true }), 'correct horse battery');
  await button('Go on').click();
  await write(page.getByLabel('Name of the shop'), 'Harbour & Loom');
  await button('Go on').click();
  await heading('Where shall we begin?');
  await call('POST', '/api/people', { name: 'Ana Novak', email: 'ana@novak.example' });
  await call('PUT', '/api/sender', { transport: 'mailbox', from_name: 'Harbour & Loom', from_address: 'shop@harbour.example' });
  await page.goto(kith.base);
  await openInbox();
  await heading('Nobody waits for an answer');
  await look('inbox-empty');
});

await step('a mailbox is connected: a wrong password is said, the right one reads', async () => {
  await page.getByRole('link', { name: 'Connect a mailbox' }).click();
  await write(page.getByLabel('Mail server (IMAP)'), '127.0.0.1');
  await write(page.getByLabel('Port'), String(mailbox.port));
  await page.getByRole('combobox', { name: 'Encryption' }).click();
  await page.getByRole('option', { name: 'None (only for a server on this machine)' }).click();
  await write(page.getByLabel('User'), 'shop@harbour.example');
  await write(page.getByLabel('Password', { exact: true }), 'wrong');
  await button('Save and look').click();
  await page.getByText('Signing in failed: check user and password.').waitFor({ timeout: 60_000 });
  await look('inbox-settings-wrong');
  await write(page.getByLabel('Password', { exact: true }), 'secret');
  await button('Save and look').click();
  await page.getByText('The mailbox is read.').waitFor({ timeout: 60_000 });
  await look('inbox-settings');
});

await step('mails come in: who waits, who is not known, what came back', async () => {
  mailbox.mails.push(
    mail('Ana Novak <ana@novak.example>', 'The blue scarf', 'Hello,\n\ndo you still have the blue scarf in wool? I would take two, one for my mother.\n\nBest,\nAna\n\nOn Monday Harbour & Loom wrote:\n> New in this week: scarves of merino wool.', 'Message-ID: <scarf@novak.example>\n'),
    mail('Ben Okafor <ben@okafor.example>', 'Opening hours', 'Are you open on Sundays?'),
    mail('Cleo <cleo@cleo.example>', 'Newsletter', 'Unsubscribe'),
    mail('MAILER-DAEMON@mx.example', 'Undelivered Mail Returned to Sender', 'Your message could not be delivered.', 'Auto-Submitted: auto-replied\n'),
  );
  await button('Look now').click();
  await page.getByText('4 mails read since').waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'See the inbox' }).click();
  await heading('3 wait for an answer');
  await look('inbox');
});

await step('one is read and answered, and is done', async () => {
  await page.getByRole('link', { name: /The blue scarf/ }).click();
  await heading('The blue scarf');
  await page.getByText('do you still have the blue scarf in wool?').waitFor();
  await write(page.getByLabel('Answer Ana Novak'), 'Dear Ana,\n\nwe do: both are put aside for you.');
  await look('inbox-conversation');
  await button('Send and done').click();
  await page.getByText('Sent.').waitFor({ timeout: 60_000 });
  await look('inbox-answered');
  await page.getByRole('link', { name: 'All conversations' }).click();
  await page.getByRole('link', { name: /The blue scarf/ }).waitFor();
});

await step('a stranger is linked to a person, and a wish is granted by one click', async () => {
  await call('POST', '/api/people', { name: 'Ben Okafor', email: 'ben@okafor.example' });
  await openInbox();
  await heading('2 wait for an answer');
  await page.getByRole('link', { name: /Opening hours/ }).click();
  await button('It is Ben Okafor').click();
  await page.getByRole('link', { name: 'Ben Okafor' }).waitFor();
  await button('Done').click();
  await button('Open again').waitFor();
  await openInbox();
  await page.getByRole('link', { name: /Newsletter/ }).click();
  await look('inbox-wish');
  await button('Unsubscribe this address').click();
  await page.getByText('asked for no more mail and gets none').waitFor();
});

await step('what nobody wrote stands apart', async () => {
  await openInbox();
  await page.getByText(/^Returned/).click();
  await page.getByRole('link', { name: /Undelivered Mail/ }).waitFor();
  await look('inbox-returned');
});

mailbox.stop();
await finish();
