// Who may be written to: nobody after an import; then the shop's own column, another programme's list of those who
// left, and the law for existing customers say why. Mouse only from page to page; files go through the file dialogue.
//
//   node tests/browser/permission.mjs [--language de] [--screens FOLDER] [--width 390] [--look dark]
import { parseArgs } from 'node:util';
import { openPage, startKith } from './kith.mjs';
import { makeExport } from './shop.mjs';
import { eventually, makeSteps, write } from './steps.mjs';
import { PERMISSION_WORDS } from './words.mjs';

const { values: options } = parseArgs({ options: {
  language: { type: 'string', default: 'en' }, screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' },
} });
const WORDS = PERMISSION_WORDS[options.language];
// Six said yes, three did not tick the box, three were never asked.
const [PEOPLE, YES, NO] = [12, 6, 3];
const width = Number(options.width);
const locale = options.language === 'de' ? 'de-DE' : 'en-GB';
const kith = await startKith();
const { browser, page, complaints } = await openPage(kith.base, { width, look: options.look, locale });
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 3);

const shop = makeExport(PEOPLE);
/** One address a person, in the order of their first purchase. */
const addresses = [...new Set(shop.csv.split('\n').slice(1).filter(Boolean).map((row) => row.split(',')[3]))];
const heading = (name) => page.getByRole('heading', { level: 1, name }).waitFor();
const follow = (name) => page.getByRole('link', { name, exact: true }).filter({ visible: true }).first().click();
const press = (name) => page.getByRole('button', { name, exact: true }).first().click();
const ask = (path) => page.evaluate(async (where) => (await fetch(where)).json(), path);

/** By the menu; a phone has what does not fit into its bar behind "More". */
async function open(name) {
  const behind = width < 700 && name !== WORDS.import;
  if (behind) await page.locator('.tabs').getByRole('button', { name: WORDS.more }).click();
  await page.locator(width >= 700 ? '.side-nav' : behind ? '.more' : '.tabs').getByRole('link', { name, exact: true }).click();
}

/** Holds back the answers to `pattern`; what it returns lets them go, and all that are asked later. */
async function hold(pattern) {
  let letGo;
  const gone = new Promise((resolve) => { letGo = resolve; });
  // A question that the page took back meanwhile cannot be passed on.
  await page.route(pattern, async (route) => { await gone; await route.continue().catch(() => undefined); });
  return letGo;
}

/** Through the dialogue of the browser, from the button of one card. */
async function choose(card, name, text) {
  const button = page.locator('.card', { has: page.getByRole('heading', { name: card }) }).locator('button', { hasText: WORDS.choose });
  const [dialogue] = await Promise.all([page.waitForEvent('filechooser'), button.click()]);
  await dialogue.setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

async function bringIn() {
  await heading(WORDS.right);
  await press(WORDS.start);
  await heading(WORDS.done);
}

/** The counts of the page are those of the server, and add up to everybody. */
async function addsUp(may) {
  const count = await ask('/api/permission');
  const sum = count.reasons.reduce((total, line) => total + line.count, 0);
  if (count.may !== may || count.may + count.may_not !== count.total || sum !== count.total) throw new Error(`does not add up: ${JSON.stringify(count)}`);
  await eventually(async () => {
    const shown = await page.locator('.why-count').allInnerTexts();
    if (shown.reduce((total, text) => total + Number(text), 0) !== count.total) throw new Error(`the page shows ${shown.join(', ')} of ${count.total}`);
  });
  return count;
}

await step('an owner with a shop, and nobody in it', async () => {
  await page.goto(kith.link);
  await write(page.getByLabel(WORDS.name), 'Olive Owner');
  await write(page.getByLabel(WORDS.email), 'olive@shop.example');
  await write(page.getByLabel(WORDS.password, { exact: true }), 'correct horse battery');
  await press(WORDS.on);
  await write(page.getByLabel(WORDS.shopName), 'Harbour & Loom');
  await press(WORDS.on);
  await heading(WORDS.where);
  await page.goto(`${kith.base}/permission`);
  await page.getByText(WORDS.empty).waitFor();
  await look('permission-empty');
});

await step('orders come in, and nobody may be written to', async () => {
  await open(WORDS.import);
  await heading(WORDS.bring);
  await page.locator('input[type=file]').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(shop.csv) });
  await heading(WORDS.right);
  await press(WORDS.start);
  await heading(WORDS.ordersDone);
  await follow(WORDS.home);
  await page.getByRole('link', { name: WORDS.step }).click();
  await heading(WORDS.nobody);
  await addsUp(0);
  await look('permission-nobody');
});

await step('the shop’s column of yes and no, and a word that is neither', async () => {
  const rows = addresses.slice(0, YES + NO).map((address, index) => `${address},${index < YES ? 'yes' : 'no'}`);
  await choose(WORDS.shop, 'checkout.csv', `Email,Accepts Marketing\n${rows.join('\n')}\nsomebody@example.com,perhaps\n`);
  await heading(WORDS.right);
  await page.locator('.chip', { hasText: WORDS.no }).first().waitFor();
  await look('permission-file');
  await press(WORDS.start);
  await heading(WORDS.done);
  await follow(WORDS.seeNow);
  await heading(WORDS.some(6, 6));
  await addsUp(6);
});

await step('a list of those who left is asked about, and takes two of them away', async () => {
  await choose(WORDS.shop, 'unsubscribed.csv', `Email,Name\n${addresses.slice(0, 2).join(',\n')},\n`);
  await page.getByRole('heading', { name: WORDS.question }).waitFor();
  await look('permission-question');
  await press(WORDS.never);
  await bringIn();
  await follow(WORDS.seeNow);
  await heading(WORDS.some(4, 8));
  const count = await addsUp(4);
  if (count.reasons.find((line) => line.reason === 'manual')?.count !== 2) throw new Error(JSON.stringify(count));
});

await step('a Mailchimp list of cleaned addresses is recognised', async () => {
  const head = 'Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,EUID,NOTES,TAGS';
  await choose(WORDS.lists, 'cleaned_members_export.csv', `${head}\n${addresses[2]},,,2,,"2024-05-06 07:08:09",Spring,1,a1,,\n`);
  await heading(/Mailchimp/);
  await bringIn();
  await follow(WORDS.seeNow);
  await heading(WORDS.some(3, 9));
  await addsUp(3);
});

await step('existing customers: the text and the law are shown, and kept', async () => {
  await page.getByRole('button', { name: WORDS.confirmOf }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Privacy and Electronic Communications Regulations 2003, reg. 22(3)').last().waitFor();
  if (!await dialog.getByRole('button', { name: WORDS.confirm }).isDisabled()) throw new Error('may be confirmed unread');
  await dialog.getByLabel(WORDS.sure).check();
  await dialog.getByRole('button', { name: WORDS.confirmFor(PEOPLE - YES - NO) }).waitFor();
  await look('permission-law', { full: false });
  await dialog.getByRole('button', { name: WORDS.confirmFor(PEOPLE - YES - NO) }).click();
  await heading(WORDS.some(6, 6));
  await addsUp(6);
  await page.getByText(WORDS.by).waitFor();
  await look('permission');
  const [kept] = (await ask('/api/permission/attestations')).attestations;
  if (kept.law !== 'gb-pecr-22-3' || !kept.text.includes('reg. 22(3)')) throw new Error(JSON.stringify(kept));
});

await step('each reason opens its people, each of them their page', async () => {
  await page.locator('.why-row', { hasText: WORDS.declined }).click();
  await heading(WORDS.declinedPeople);
  await look('permission-people', { full: false });
  await page.locator('.vt-row a').first().click();
  await page.getByText(WORDS.whyDeclined).waitFor();
  await look('person-may-we');
});

await step('an answer by hand, with how we know', async () => {
  const dialog = page.getByRole('dialog');
  const release = await hold('**/timeline?*');
  await page.reload();
  await page.getByText(WORDS.whyDeclined).waitFor();
  await press(WORDS.note);
  await dialog.getByLabel(WORDS.how).waitFor();
  release();
  // What came above the card made it move: the form stays where it is.
  await page.locator('.tl-month').first().waitFor();
  await write(dialog.getByLabel(WORDS.how), 'At the counter on Saturday');
  await look('person-note-answer', { full: false });
  await dialog.getByRole('button', { name: WORDS.keep, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(WORDS.whyGranted).waitFor();
  await page.locator('.card .small', { hasText: 'At the counter on Saturday' }).waitFor();
  await open(WORDS.permission);
  await heading(WORDS.some(7, 5));
});

await step('taken back: from then on they may not', async () => {
  await press(WORDS.endOf);
  await page.getByRole('dialog').getByRole('button', { name: WORDS.end, exact: true }).click();
  await heading(WORDS.some(4, 8));
  await addsUp(4);
  await page.getByText(WORDS.over, { exact: true }).waitFor();
});

await step('the step on Home is done', async () => {
  await follow(WORDS.home);
  await page.locator('.steps li.done', { hasText: WORDS.step }).waitFor();
});

await finish();
