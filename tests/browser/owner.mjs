// What a new owner does, in a real browser, mouse and keyboard only: set-up → import → who has gone quiet →
// reconcile → person → live event → undo a merge → erase. Every page on the way must be clean for axe-core,
// silent on the console, and ask nobody but Kith.
//
//   node tests/browser/owner.mjs [--screens FOLDER] [--width 390] [--look dark]
import { parseArgs } from 'node:util';
import { openPage, startKith } from './kith.mjs';
import { makeExport } from './shop.mjs';
import { makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: { screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' } } });
const width = Number(options.width);
const kith = await startKith();
const { browser, page, complaints, expected } = await openPage(kith.base, { width, look: options.look });
const shop = makeExport(30);
const OWNER = { name: 'Olive Owner', email: 'olive@shop.example', password: 'correct horse battery' };
const pounds = (minor) => new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' }).format(minor / 100);
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 5);

const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const go = async (path) => { await page.goto(kith.base + path); };
const api = (path) => page.evaluate(async (where) => (await fetch(where)).json(), path);
const idOf = async (name) => (await api(`/api/people?q=${encodeURIComponent(name)}`)).people[0]?.id;

await step('the one-time link opens the set-up, the account is made', async () => {
  await page.goto(kith.link);
  await heading(/who are you/);
  await look('set-up');
  await write(page.getByLabel('Your name'), OWNER.name);
  await write(page.getByLabel('Email'), OWNER.email);
  await write(page.getByLabel('Password', { exact: true }), OWNER.password);
  await page.getByRole('button', { name: 'Go on' }).click();
  await heading('Now your shop');
});

await step('the business profile proposes currency and zone from where the browser is', async () => {
  await write(page.getByLabel('Name of the shop'), 'Harbour & Loom');
  await page.getByText('GBP').first().waitFor({ state: 'attached' });
  await look('your-shop');
  await page.getByRole('button', { name: 'Go on' }).click();
  await heading('Where shall we begin?');
  await look('begin');
});

await step('an empty Home says what it will answer', async () => {
  await page.getByRole('link', { name: /Later/ }).click();
  await heading(/Let us bring your shop in/);
  await look('home-empty');
  await page.getByRole('link', { name: 'Bring in my orders' }).first().click();
  await heading('Bring your shop in');
  await look('import-empty');
});

await step('a file is read, recognised and shown before anything happens', async () => {
  await page.locator('input[type=file]').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(shop.csv) });
  await heading(/is this right/);
  await page.getByText('A1000').first().waitFor();
  await look('import-preview');
});

await step('the orders come in', async () => {
  await page.getByRole('button', { name: 'Bring it in' }).click();
  await heading(/are in$/);
  const one = (await api('/api/imports')).imports[0];
  if (one.orders !== shop.orders || one.rejected !== 0) throw new Error(`${one.orders} of ${shop.orders} orders, ${one.rejected} rejected`);
  await look('import-done');
});

await step('who of my good customers has gone quiet, and who else', async () => {
  await page.getByRole('link', { name: 'Which good customers have gone quiet?' }).click();
  await heading(/good customers? (has|have) gone quiet$/);
  await page.getByRole('button', { name: 'Gone quiet', exact: true }).click();
  await heading('4 customers have gone quiet');
  for (const name of ['Ana Novak', 'James Okafor', 'Mara Lind', 'Tom Hughes']) await page.getByText(name).waitFor();
  await look('people-quiet', { full: false });
});

await step('it matches the shop to the penny', async () => {
  await go('/reconcile');
  await heading(/matches your shop to the penny/);
  await page.getByText(pounds(shop.sum)).nth(1).waitFor();
  await look('reconcile');
});

await step('Home has an answer, and figures with "how sure?"', async () => {
  await go('/');
  await heading(/worth your time|Nothing needs you/);
  await page.getByRole('button', { name: /How sure/ }).first().waitFor();
  await look('home');
  await page.getByRole('button', { name: /How sure/ }).first().click();
  await page.getByText('How counted').waitFor();
  await look('home-how-sure', { full: false });
  await page.keyboard.press('Escape');
});

await step('every figure of any period', async () => {
  await go('/figures');
  await heading('How is it going?');
  await page.getByText(pounds(shop.sum)).first().waitFor();
  await page.locator('.cohorts tbody tr').first().waitFor();
  await look('figures');
});

await step('search by keyboard opens a person', async () => {
  await page.keyboard.press('Control+k');
  await write(page.getByRole('combobox', { name: 'Search' }), 'ana nov');
  await page.getByRole('option', { name: /Ana Novak/ }).waitFor();
  await look('search', { full: false });
  await page.keyboard.press('Enter');
  await heading('Ana Novak');
  await page.getByText('Linen shirt').first().waitFor();
  await look('person');
});

await step('a note, a tag and a purchase by hand', async () => {
  await write(page.getByLabel('Write a note'), 'Asked for the sand colour again.');
  await page.getByRole('button', { name: 'Keep the note' }).click();
  await page.locator('.tl-note').getByText('Asked for the sand colour again.').waitFor();
  await write(page.getByRole('combobox', { name: 'Tags' }), 'regular');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Usual purchase' }).click();
  await page.getByRole('button', { name: /^The usual/ }).click();
  await look('purchase', { full: false });
  await page.getByRole('button', { name: /^Keep £/ }).click();
  await page.getByText('Purchase kept.').waitFor();
  await page.getByText('15 orders').first().waitFor();
});

let key = '';
await step('a key is made and its secret shown once', async () => {
  await go('/settings/keys');
  await page.getByRole('button', { name: 'Make a key' }).first().click();
  await write(page.getByRole('dialog').getByLabel('Name'), 'Web shop');
  await page.getByRole('button', { name: 'Make the key' }).click();
  key = (await page.getByLabel('Your new key').textContent()) ?? '';
  if (key.length < 20) throw new Error(`the key is "${key}"`);
  await look('key');
  await page.reload();
  await page.getByText('Web shop').first().waitFor();
  if (await page.getByText(key).count()) throw new Error('the secret is shown twice');
});

await step('what arrives is seen live, and what is refused with its reason', async () => {
  await go('/live');
  await page.getByText('connected', { exact: true }).waitFor();
  await look('live-empty');
  const send = (event) => fetch(`${kith.base}/v1/track`, {
    method: 'POST', headers: { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, 'Content-Type': 'application/json' }, body: JSON.stringify(event),
  });
  const reply = await send({ userId: 'visitor-7', event: 'Product Viewed', properties: { name: 'Straw hat', price: 24 } });
  if (reply.status !== 200) throw new Error(`tracking answered ${reply.status}`);
  await page.locator('.live').getByText('Product Viewed').waitFor();
  await send({ event: 'Product Added', properties: {} });
  await page.locator('.live-why').first().waitFor();
  await look('live');
});

await step('two entries are joined, and taken apart again', async () => {
  const [first, second] = [await idOf('Elif Aydin'), await idOf('Noor Bakker')];
  await go(`/people/${first}`);
  await page.getByRole('main').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: /Join with another/ }).click();
  await write(page.getByLabel('The other entry').first(), 'Noor Bakker');
  await page.getByRole('radio', { name: /Noor Bakker/ }).click();
  await look('join', { full: false });
  await page.getByRole('button', { name: 'Join the two' }).click();
  await page.getByText('28 orders').first().waitFor();
  const links = page.locator('section', { has: page.getByRole('heading', { name: 'Joined entries' }) });
  await links.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('14 orders').first().waitFor();
  const other = await api(`/api/people/${second}`);
  if (other.figures.orders !== 14) throw new Error(`the other has ${other.figures.orders} orders`);
});

await step('a person is erased for good', async () => {
  const id = await idOf('Luca Rossi');
  await go(`/people/${id}`);
  await heading('Luca Rossi');
  await page.getByRole('main').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: /Erase/ }).click();
  const act = page.getByRole('button', { name: 'Erase 1 person for good' });
  if (await act.isEnabled()) throw new Error('the button works before the name is typed');
  await write(page.getByLabel(/to confirm/), 'Luca Rossi');
  await look('erase', { full: false });
  await act.click();
  await heading(/people$/);
  expected.add(`/api/people/${id}`);
  await go(`/people/${id}`);
  await heading('This person is not here');
  if (await idOf('Luca Rossi')) throw new Error('still found by search');
});

for (const [tab, text] of [['business', 'Usual gap'], ['users', 'Olive Owner'], ['retention', 'Product Viewed'], ['disk', 'Your data'], ['attention', 'All is well'], ['audit', 'made a key']]) {
  await step(`settings: ${tab}`, async () => {
    await go(`/settings/${tab}`);
    await page.getByRole('main').getByText(text).first().waitFor();
    await look(`settings-${tab}`);
  });
}

await step('signing out and in again', async () => {
  await go('/');
  if (width < 700) await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: OWNER.name }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading('Sign in');
  expected.add('/api/');
  await look('sign-in');
  await write(page.getByLabel('Email'), OWNER.email);
  await write(page.getByLabel('Password', { exact: true }), 'wrong wrong wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Email or password is wrong.').waitFor();
  await write(page.getByLabel('Password', { exact: true }), OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await heading(/worth your time|Nothing needs you/);
});

await finish();
