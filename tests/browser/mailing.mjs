// The first permitted mail, by mouse alone: the sender, good manners, a mailing for a group, the preview as one of
// them, a test mail and its unsubscribe link, what is still missing, undo, send, and then somebody's no in the mail
// they got: seen afterwards under "not sent, because" and on their own page. Only who may be written to is told to
// Kith beforehand, through its API.
//
//   node tests/browser/mailing.mjs [--language de] [--screens FOLDER] [--width 390] [--look dark]
import { parseArgs } from 'node:util';
import { axe, openPage, startKith } from './kith.mjs';
import { eventually, makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: {
  language: { type: 'string', default: 'en' }, screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' },
} });
const WORDS = {
  en: {
    name: 'Your name', email: 'Email', password: 'Password', on: 'Go on', shopName: 'Name of the shop', where: 'Where shall we begin?', right: /is this right/, bring: 'Bring it in', done: /are in$/,
    more: 'More', settings: 'Settings', sending: 'Sending', mailings: 'Mailings', mailbox: 'Local mailbox', save: 'Save', saved: 'Saved.', fromName: 'Name of the sender', from: 'Address of the sender',
    postal: 'Postal address', test: 'Send a test mail', works: /It works: the mail lies/, night: 'Not at night', title: 'What shall your customers hear?', write: 'Write a mailing', whom: 'Whom do you want to write to?',
    once: /^Bought once/, mailingName: 'Name of the mailing', subject: 'Subject', beside: 'Line beside the subject', isSaved: /saved \d/, as: 'As this person sees it', frame: 'The mail as it looks',
    missing: 'Unsubscribe once from a test mail', tryIt: 'Send me a test', lies: 'It lies in the local mailbox.', see: 'Look at it', wayOut: 'Unsubscribe link of this mail', unsubscribe: 'Unsubscribe',
    testDone: /unsubscribing works/, gone: /will not write to this address again/, ready: /Everything is set up/, send: /^Send to \d+ people/, goes: /It goes in \d+ seconds?/, undo: 'Undo', have: /people have it$/,
    not: 'Not sent, because', because: /they (unsubscribed|said no)/, withheld: 'A mail was not sent', text: 'As text', all: 'All mails', alone: /left alone/, said: /Said no to further mails/,
  },
  de: {
    name: 'Ihr Name', email: 'E-Mail', password: 'Passwort', on: 'Weiter', shopName: 'Name des Ladens', where: 'Womit fangen wir an?', right: /Stimmt das so/, bring: 'Hereinholen', done: /sind da$/,
    more: 'Mehr', settings: 'Einstellungen', sending: 'Versand', mailings: 'Mailings', mailbox: 'Lokales Postfach', save: 'Speichern', saved: 'Gespeichert.', fromName: 'Name des Absenders', from: 'Adresse des Absenders',
    postal: 'Postanschrift', test: 'Testmail senden', works: /Es klappt: Die Mail liegt/, night: 'Nicht nachts', title: 'Was sollen Ihre Kunden hören?', write: 'Ein Mailing schreiben', whom: 'Wem möchten Sie schreiben?',
    once: /^Einmal gekauft/, mailingName: 'Name des Mailings', subject: 'Betreff', beside: 'Zeile neben dem Betreff', isSaved: /gespeichert \d/, as: 'So sieht sie dieser Mensch', frame: 'Die Mail, wie sie aussieht',
    missing: 'Sich einmal von einer Testmail abmelden', tryIt: 'Testmail an mich', lies: 'Sie liegt im lokalen Postfach.', see: 'Ansehen', wayOut: 'Abmeldelink dieser Mail', unsubscribe: 'Abmelden',
    testDone: /Abmelden funktioniert/, gone: /schreibt nicht mehr an diese Adresse/, ready: /Alles ist eingerichtet/, send: /^An \d+ Menschen schicken/, goes: /Sie geht in \d+ Sekunden? hinaus/, undo: 'Rückgängig', have: /Menschen haben sie$/,
    not: 'Nicht geschickt, weil', because: /sie (sich abgemeldet|Nein gesagt) haben/, withheld: 'Eine Mail wurde nicht geschickt', text: 'Als Text', all: 'Alle Mails', alone: /in Ruhe lassen/, said: /Wollte keine Mails mehr/,
  },
}[options.language];

const FIRST = ['Ana', 'James', 'Mara', 'Tom', 'Elif', 'Noor', 'Luca', 'Ingrid', 'Piotr', 'Sofia'];
const LAST = ['Novak', 'Okafor', 'Lind', 'Hughes', 'Aydin', 'Bakker', 'Rossi', 'Haugen'];
const PEOPLE = FIRST.length * LAST.length;
const DAY = 86_400_000;
/** The first 60 said yes, the next 4 said no, of the others nothing is known; every eighth bought twice. */
const [GRANTED, DENIED] = [60, 64];

function exportOf(now) {
  const rows = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const name = `${FIRST[index % FIRST.length]} ${LAST[Math.floor(index / FIRST.length)]}`;
    const times = index % 8 === 0 ? 2 : 1;
    for (let back = 0; back < times; back += 1) {
      const at = new Date(now - (3 + index + back * 20) * DAY).toISOString().slice(0, 19).replace('T', ' ');
      rows.push([`B${1000 + rows.length}`, at, name, `${name.toLowerCase().replace(' ', '.')}@example.com`, 'Linen shirt', 1, 20 + (index % 30), 'United Kingdom'].join(','));
    }
  }
  return `Order number,Date,Customer name,Email,Product name,Quantity,Price,Country\n${rows.join('\n')}\n`;
}

const width = Number(options.width);
const phone = width < 700;
const kith = await startKith();
const { browser, context, page, complaints, expected } = await openPage(kith.base, { width, look: options.look, locale: options.language === 'de' ? 'de-DE' : 'en-GB', zone: 'Europe/Berlin' });
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 20);

// The local mailbox shows the mail, and does not let it tell on its reader.
expected.add('/t/o/');
const WAIT = { timeout: 60_000 };
page.setDefaultTimeout(WAIT.timeout);
const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor(WAIT);
const press = (name) => page.getByRole('button', { name, exact: true }).first().click();
const follow = (name) => page.getByRole('link', { name, exact: true }).filter({ visible: true }).first().click();
const type = (label, text) => write(page.getByLabel(label, { exact: true }), text);
const api = (path) => page.evaluate(async (where) => (await fetch(where)).json(), path);

/** An item of the menu: in the bar at the left, on a phone behind "More". */
async function menu(name) {
  if (phone) await page.locator('.tabs').getByRole('button', { name: WORDS.more }).click();
  await page.locator(phone ? '.more' : '.side-nav').getByRole('link', { name, exact: true }).click();
}

async function settings(name) {
  await menu(WORDS.settings);
  await page.locator('.settings-nav').getByRole('link', { name, exact: true }).click();
}

/** The way out of the mail that is open, in a tab of its own: looking changes nothing, the button does. */
async function wayOut(words) {
  const opened = context.waitForEvent('page');
  await follow(WORDS.wayOut);
  const tab = await opened;
  tab.setDefaultTimeout(WAIT.timeout);
  const button = tab.getByRole('button', { name: WORDS.unsubscribe });
  await button.waitFor();
  const findings = await axe(tab);
  if (findings.length) throw new Error(`the way out: ${findings.join('; ')}`);
  await button.click();
  await tab.getByText(words).waitFor();
  await tab.close();
}

/** Who said yes and who no; the owner's file of permissions would say it. */
async function permissions() {
  const said = await page.evaluate(async ([granted, denied]) => {
    const { csrf } = await (await fetch('/api/session')).json();
    const { people } = await (await fetch('/api/people?sort=created&order=asc&limit=200')).json();
    const of = new Map(people.map((one) => [one.email, one]));
    const rows = [...of.values()].sort((a, b) => (a.email < b.email ? -1 : 1));
    const statuses = await Promise.all(rows.slice(0, denied).map(async (one, index) => (await fetch(`/api/people/${one.id}/consents`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
      body: JSON.stringify({ channel: 'email', topic: 'newsletter', state: index < granted ? 'granted' : 'denied', basis: 'consent', address: one.email, text: 'Said so at the till.' }),
    })).status));
    return { people: rows.length, failed: statuses.filter((status) => status >= 300).length };
  }, [GRANTED, DENIED]);
  if (said.people !== PEOPLE || said.failed) throw new Error(`${said.people} people, ${said.failed} permissions failed`);
}

await step('a shop whose customers said yes or no', async () => {
  await page.goto(kith.link);
  await type(WORDS.name, 'Olive Owner');
  await type(WORDS.email, 'olive@shop.example');
  await type(WORDS.password, 'correct horse battery');
  await press(WORDS.on);
  await type(WORDS.shopName, 'Linden & Linen');
  await press(WORDS.on);
  await heading(WORDS.where);
  await page.goto(`${kith.base}/mailings`);
  await heading(WORDS.title);
  await look('mailings-empty');
  await page.goto(`${kith.base}/import`);
  await page.locator('input[type=file]').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(exportOf(Date.now())) });
  await heading(WORDS.right);
  await press(WORDS.bring);
  await heading(WORDS.done);
  await permissions();
});

await step('the sender, with its postal address, is tested into the local mailbox', async () => {
  await settings(WORDS.mailbox);
  await page.locator('.empty').waitFor();
  await look('mailbox-empty');
  await settings(WORDS.sending);
  await type(WORDS.fromName, 'Linden & Linen');
  await type(WORDS.from, 'hello@linden.example');
  await type(WORDS.postal, 'Linden & Linen\n1 High Street\nLondon');
  await press(WORDS.save);
  await page.getByText(WORDS.saved, { exact: true }).waitFor();
  await press(WORDS.test);
  await page.getByText(WORDS.works).waitFor();
  await look('settings-sending');
});

await step('good manners: also at night, for this once', async () => {
  await page.locator('.settings-nav').getByRole('link', { name: WORDS.mailings, exact: true }).click();
  await look('settings-mailings');
  await page.getByRole('switch', { name: WORDS.night }).click();
  await press(WORDS.save);
  await page.getByText(WORDS.saved, { exact: true }).waitFor();
});

await step('a mailing begins with the people it is for', async () => {
  await menu(WORDS.mailings);
  await heading(WORDS.title);
  await follow(WORDS.write);
  await heading(WORDS.whom);
  await page.locator('.choice').filter({ hasText: WORDS.once }).waitFor();
  await look('mailing-new');
  await page.locator('.choice').filter({ hasText: WORDS.once }).click();
  await page.getByLabel(WORDS.mailingName, { exact: true }).waitFor();
});

await step('what is typed saves itself, and is seen as one of them would', async () => {
  await type(WORDS.mailingName, 'Autumn linen');
  await type(WORDS.subject, 'Something warm, {{ person.first_name }}');
  await type(WORDS.beside, 'Three new shirts');
  await page.getByText(WORDS.isSaved).waitFor();
  const whose = page.getByRole('combobox', { name: WORDS.as });
  await whose.click();
  await page.getByRole('option').nth(1).click();
  const name = await eventually(async () => {
    const [first] = (await whose.inputValue()).split(' ');
    const lines = await page.locator('.preview-line').allInnerTexts();
    if (!first || !lines.some((line) => line.includes(`Something warm, ${first}`))) throw new Error(`the preview for "${first}" says ${lines.join(' | ')}`);
    return first;
  });
  await page.frameLocator('.preview-frame').getByText(name).first().waitFor();
  await page.getByRole('link', { name: WORDS.missing }).or(page.getByText(WORDS.missing)).waitFor();
  await look('mailing-draft');
});

await step('a test mail to oneself, and its way out works', async () => {
  if (!await page.getByRole('button', { name: WORDS.send }).isDisabled()) throw new Error('it could be sent before the way out was tried');
  await press(WORDS.tryIt);
  await page.getByText(WORDS.lies).waitFor();
  await follow(WORDS.see);
  await page.frameLocator('.mail-frame').getByText('Linden & Linen').first().waitFor();
  await look('mailbox-mail');
  await wayOut(WORDS.testDone);
});

await step('nothing is missing any more: what sending would do, to the person', async () => {
  await menu(WORDS.mailings);
  await follow('Autumn linen');
  await page.getByText(WORDS.ready).waitFor();
  const { campaigns } = await api('/api/campaigns');
  if (campaigns.length !== 1) throw new Error(`${campaigns.length} mailings`);
  const act = page.getByRole('button', { name: WORDS.send });
  await act.and(page.locator(':enabled')).waitFor();
  await page.locator('.reason-head').first().click();
  await page.locator('.names-link').first().waitFor();
  await look('mailing-ready');
});

await step('sent, taken back, and sent again', async () => {
  await page.getByRole('button', { name: WORDS.send }).click();
  await page.getByRole('heading', { name: WORDS.goes }).waitFor();
  await look('mailing-undo');
  await press(WORDS.undo);
  await page.getByLabel(WORDS.mailingName, { exact: true }).waitFor();
  // The minute of undo is waited for by a test of the server: here it is one second.
  await page.route('**/api/campaigns/*/send', (route) => route.continue({ postData: '{"undo_seconds":1}' }));
  await page.getByRole('button', { name: WORDS.send }).and(page.locator(':enabled')).click();
  await heading(WORDS.have);
});

let refuser = { id: '', name: '' };
await step('everybody who may has it, and nobody else', async () => {
  const [mailing] = (await api('/api/campaigns')).campaigns;
  const { people } = await api(`/api/campaigns/${mailing.id}/people?state=accepted`);
  const may = people.length;
  const counts = Object.fromEntries(mailing.counts.map(({ state, reason, count }) => [reason ?? state, count]));
  if (!may || counts.no_basis === undefined) throw new Error(`sent to ${may}: ${JSON.stringify(counts)}`);
  refuser = { id: people[0].person_id, name: people[0].name, email: people[0].email };
  await page.getByRole('heading', { name: WORDS.not }).waitFor();
  await look('mailing-sent');
  await menu(WORDS.mailings);
  await page.locator('.mailing-table').waitFor();
  await look('mailings');
});

await step('one of them says no in the mail they got', async () => {
  await settings(WORDS.mailbox);
  await page.locator('.mail-line').first().waitFor();
  await look('mailbox', { full: false });
  await page.locator('.mail-line').filter({ hasText: refuser.email }).first().click();
  const opened = context.waitForEvent('page');
  await follow(WORDS.wayOut);
  const tab = await opened;
  tab.setDefaultTimeout(WAIT.timeout);
  await tab.getByRole('button', { name: WORDS.unsubscribe }).waitFor();
  const before = await api(`/api/people/${refuser.id}`);
  if (before.consents.some(({ state }) => state === 'denied')) throw new Error('looking at the page unsubscribed');
  await tab.getByRole('button', { name: WORDS.unsubscribe }).click();
  await tab.getByText(WORDS.gone).waitFor();
  await tab.close();
});

await step('and stands under "not sent, because" in the next mailing', async () => {
  await menu(WORDS.mailings);
  await follow(WORDS.write);
  await page.locator('.choice').filter({ hasText: WORDS.once }).click();
  const reasons = page.locator('.reason-head').filter({ hasText: WORDS.because });
  await reasons.first().waitFor();
  for (const head of await reasons.all()) await head.click();
  const link = page.locator('.names-link').filter({ hasText: refuser.name });
  await link.first().waitFor();
  await link.first().click();
  await heading(refuser.name);
});

await finish();
