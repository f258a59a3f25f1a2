// Groups: the ready ones with their numbers, the people behind one, and a rule of one's own with its mistakes at
// their place.
//
//   node tests/browser/groups.mjs [--screens FOLDER] [--width 390] [--look dark]
import { parseArgs } from 'node:util';
import { openPage, startKith } from './kith.mjs';
import { makeExport } from './shop.mjs';
import { makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: { screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' } } });
const width = Number(options.width);
const kith = await startKith();
const { browser, page, complaints, expected } = await openPage(kith.base, { width, look: options.look });
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 2);
const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();

await step('a shop without orders says what this page will show', async () => {
  await page.goto(kith.link);
  await write(page.getByLabel('Your name'), 'Olive Owner');
  await write(page.getByLabel('Email'), 'olive@shop.example');
  await write(page.getByLabel('Password', { exact: true }), 'correct horse battery');
  await page.getByRole('button', { name: 'Go on' }).click();
  await write(page.getByLabel('Name of the shop'), 'Harbour & Loom');
  await page.getByRole('button', { name: 'Go on' }).click();
  await heading('Where shall we begin?');
  await page.goto(`${kith.base}/groups`);
  await page.getByText(/Once your orders are in, this page gathers/).waitFor();
  await look('groups-empty');
});

await step('a file of orders comes in', async () => {
  await page.goto(`${kith.base}/import`);
  await page.locator('input[type=file]').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(makeExport(30).csv) });
  await heading(/is this right/);
  await page.getByRole('button', { name: 'Bring it in' }).click();
  await heading(/are in$/);
});

await step('the ready groups have numbers and names', async () => {
  await page.goto(`${kith.base}/groups`);
  await page.locator('.ready').first().waitFor();
  const once = page.locator('.ready', { has: page.getByRole('heading', { name: 'Bought once' }) });
  await once.getByText('4', { exact: true }).waitFor();
  const quiet = page.locator('.ready', { has: page.getByRole('heading', { name: 'Gone quiet, unusually for them' }) });
  await quiet.getByText('4', { exact: true }).waitFor();
  await look('groups');
  await quiet.click();
  await heading('Gone quiet, unusually for them: 4 people');
  for (const name of ['Ana Novak', 'James Okafor', 'Mara Lind', 'Tom Hughes']) await page.getByText(name).waitFor();
  await look('group-people', { full: false });
});

await step('a rule of one’s own: a mistake is shown at its place, and mended', async () => {
  await page.goto(`${kith.base}/groups/new`);
  await heading('Who is meant?');
  await page.getByRole('button', { name: 'Write it as text' }).click();
  await write(page.getByLabel('Rule'), 'did "Order Completed" at leest 3 times');
  await page.locator('.rule-place mark', { hasText: 'leest' }).waitFor();
  await look('rule-wrong');
  await write(page.getByLabel('Rule'), 'did "Order Completed" at least 3 times in last 365 days');
  await page.locator('.b-live-count', { hasText: '8 people' }).waitFor();
  await look('rule');
  await page.getByRole('link', { name: 'See them' }).click();
  await heading('A group of your own: 8 people');
});

await step('kept under a name, it stands among the groups with its count', async () => {
  await page.getByRole('link', { name: 'change the rule' }).click();
  await heading('Who is meant?');
  await page.locator('.stack:not(.b-old) > .b-live-count', { hasText: '8 people' }).waitFor();
  await write(page.getByLabel('Name of the group'), 'Loyal');
  await page.getByRole('button', { name: 'Save this group' }).click();
  await heading('Loyal');
  await page.locator('.b-live-count', { hasText: '8 people' }).waitFor();
  await page.goto(`${kith.base}/groups`);
  const row = page.locator('.saved-row', { hasText: 'Loyal' });
  await row.locator('.saved-count', { hasText: '8' }).waitFor();
  await look('groups-saved');
  await row.getByRole('link').click();
  await heading('Loyal');
});

/** Opens what can be done with a kept group, and chooses. */
async function choose(name, act) {
  await page.getByRole('button', { name: `What to do with ${name}` }).click();
  await page.getByRole('menuitem', { name: act }).click();
}

await step('its name and rule change; a mistake in the rule cannot be kept', async () => {
  await page.goto(`${kith.base}/groups`);
  const dialog = page.getByRole('dialog');
  await choose('Loyal', 'Change name or rule …');
  await write(dialog.getByLabel('Rule'), 'did "Order Completed" at leest 14 times');
  await dialog.locator('.rule-place mark', { hasText: 'leest' }).waitFor();
  if (await dialog.getByRole('button', { name: 'Save' }).isEnabled()) throw new Error('a wrong rule can be kept');
  await look('group-change-wrong', { full: false });
  await write(dialog.getByLabel('Rule'), 'did "Order Completed" exactly 1 time');
  await write(dialog.getByLabel('Name'), 'Only once');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.saved-row', { hasText: 'Only once' }).locator('.saved-count', { hasText: '4' }).waitFor();
});

await step('a group that another names stays; by itself it goes', async () => {
  const made = await page.evaluate(async () => {
    const { csrf: token } = await (await fetch('/api/session')).json();
    const send = (method, path, body) => fetch(path, { method, headers: { 'X-CSRF-Token': token, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
    return (await send('POST', '/api/segments', { name: 'Others', rule: 'not in segment "Only once"' })).status;
  });
  if (made !== 201) throw new Error(`kept with ${made}`);
  await page.reload();
  await page.locator('.saved-row', { hasText: 'Others' }).locator('.saved-count', { hasText: '8' }).waitFor();
  const dialog = page.getByRole('dialog');
  expected.add('409');
  await choose('Only once', 'Keep no longer …');
  await dialog.getByRole('button', { name: 'Remove the group' }).click();
  await dialog.getByText('The group “Others” names “Only once”').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  for (const name of ['Others', 'Only once']) {
    await choose(name, 'Keep no longer …');
    await dialog.getByRole('button', { name: 'Remove the group' }).click();
    await page.locator('.saved-row', { has: page.getByRole('button', { name: `What to do with ${name}` }) }).waitFor({ state: 'detached' });
  }
});

await finish();
