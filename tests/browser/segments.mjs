// The builder of groups: a template put together with menus alone and kept, people who come in as events arrive from
// the shop's site, and why one of them is in it.
//
//   node tests/browser/segments.mjs [--language de] [--screens FOLDER] [--width 390] [--look dark]
import { parseArgs } from 'node:util';
import { openPage, startKith } from './kith.mjs';
import { makeExport } from './shop.mjs';
import { eventually, find, makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: { language: { type: 'string', default: 'en' }, screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' } } });
const WORDS = {
  en: {
    cameIn: 'on record since', stage: 'where the relation stands', stageLabel: 'Where the relation stands', ratio: 'how often out of how often',
    listNew: 'List from a file', listName: 'Name', found: /2 people in 3 rows/, unknown: /1 row is of somebody not known here/, put: /^Put \d+ people on the list$/, acts: (name) => `What to do with ${name}`,
    exportOpen: /Export as a file/, exportAct: 'Save as CSV', freeze: /Keep these people as a list/, freezeAct: 'Keep the list', pgroups: 'In these groups', take: (name) => `Take off ${name}`, putOn: /^Put on a list/,
    toList: 'put on a list', whichList: 'Which list?', added3: /were put on the list/,
    name: 'Your name', email: 'Email', password: 'Password', on: 'Go on', shopName: 'Name of the shop', where: 'Where shall we begin?', right: /is this right/, start: 'Bring it in', done: /are in$/,
    build: 'New group', who: 'Who is meant?', add: 'Add a sentence', did: 'what they did', event: 'What they did', added: 'put something into the basket', viewed: 'looked at a product', ordered: 'placed an order',
    when: 'When', last: 'in_last', number: 'How many', then: 'and then …', notThen: 'What followed', within: 'How soon', trait: 'what we know about them', about: 'About them', country: 'country', value: 'Value',
    times: 'How often', low: 'How many times', text: 'Write it as text', menus: 'Build it with menus', rule: 'Rule', people: (n) => (n === 1 ? '1 person' : `${n} people`), nobody: 'nobody', groupName: 'Name of the group', keep: 'Save this group', remove: 'Remove this sentence',
    came: (n) => (n === 1 ? '1 person came' : `${n} people came`), why: 'Who?', watch: 'Keep watch', watched: /Watched since/, in: 'is in it.', leaves: /^Leaves on .+ if nothing happens\.$/, meant: (name) => `Did you mean ${name}?`, where1: 'only where …', detail: 'Which detail', category: 'category',
  },
  de: {
    cameIn: 'verzeichnet seit', stage: 'wo die Beziehung steht', stageLabel: 'Wo die Beziehung steht', ratio: 'wie oft von wie oft',
    listNew: 'Liste aus Datei', listName: 'Name', found: /2 Menschen in 3 Zeilen/, unknown: /1 Zeile nennt jemanden, der hier nicht bekannt ist/, put: /^\d+ Menschen auf die Liste setzen$/, acts: (name) => `Was mit ${name} geschehen soll`,
    exportOpen: /Als Datei ausgeben/, exportAct: 'Als CSV speichern', freeze: /Diese Menschen als Liste behalten/, freezeAct: 'Liste behalten', pgroups: 'In diesen Gruppen', take: (name) => `Von ${name} nehmen`, putOn: /^Auf eine Liste setzen/,
    toList: 'auf eine Liste setzen', whichList: 'Welche Liste?', added3: /wurden auf die Liste gesetzt/,
    name: 'Ihr Name', email: 'E-Mail', password: 'Passwort', on: 'Weiter', shopName: 'Name des Ladens', where: 'Womit fangen wir an?', right: /Stimmt das so/, start: 'Hereinholen', done: /sind da$/,
    build: 'Neue Gruppe', who: 'Wer ist gemeint?', add: 'Satz hinzufügen', did: 'was sie getan haben', event: 'Was sie getan haben', added: 'etwas in den Warenkorb gelegt', viewed: 'ein Produkt angesehen', ordered: 'bestellt',
    when: 'Wann', last: 'in_last', number: 'Wie viele', then: 'und danach …', notThen: 'Was folgte', within: 'Wie bald', trait: 'was wir über sie wissen', about: 'Über sie', country: 'Land', value: 'Wert',
    times: 'Wie oft', low: 'Wie viele Male', text: 'Als Text schreiben', menus: 'Mit Menüs bauen', rule: 'Regel', people: (n) => (n === 1 ? '1 Mensch' : `${n} Menschen`), nobody: 'niemand', groupName: 'Name der Gruppe', keep: 'Diese Gruppe speichern', remove: 'Diesen Satz entfernen',
    came: (n) => (n === 1 ? '1 Mensch kam' : `${n} Menschen kamen`), why: 'Wer?', watch: 'Im Auge behalten', watched: /Im Auge behalten seit/, in: 'ist darin.', leaves: /^Verlässt sie am .+, wenn nichts geschieht\.$/, meant: (name) => `Meinten Sie ${name}?`, where1: 'nur wobei …', detail: 'Welche Einzelheit', category: 'Kategorie',
  },
}[options.language];

const width = Number(options.width);
const kith = await startKith();
const { browser, page, complaints } = await openPage(kith.base, { width, look: options.look, locale: options.language === 'de' ? 'de-DE' : 'en-GB', zone: 'Europe/Berlin' });
page.setDefaultTimeout(Number(process.env.KITH_WAIT_MS ?? 60_000));
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 3);
const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const sentence = (index) => page.locator('.b-one').nth(index);
const counted = (text) => page.locator('.stack:not(.b-old) > .b-live-count', { hasText: text }).waitFor();

/** A change through the API, as the signed-in owner. */
const send = (path, body) => page.evaluate(async ([to, json]) => {
  const { csrf } = await (await fetch('/api/session')).json();
  const reply = await fetch(to, { method: 'POST', headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' }, body: JSON.stringify(json) });
  return { status: reply.status, json: await reply.json() };
}, [path, body]);

let key = '';
let sent = 0;
/** Events as the shop's server sends them. */
async function track(user, event, properties = {}) {
  sent += 1;
  const reply = await fetch(`${kith.base}/v1/track`, {
    method: 'POST', headers: { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ userId: user, event, properties, messageId: `walk-${sent}`, context: { traits: { email: `${user}@example.com` } } }),
  });
  if (!reply.ok) throw new Error(`track answered ${reply.status}: ${await reply.text()}`);
}
async function identify(user, traits) {
  sent += 1;
  const reply = await fetch(`${kith.base}/v1/identify`, {
    method: 'POST', headers: { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ userId: user, traits, messageId: `walk-${sent}` }),
  });
  if (!reply.ok) throw new Error(`identify answered ${reply.status}`);
}

async function add(kind) {
  await page.getByRole('button', { name: WORDS.add, exact: true }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${kind}`) }).click();
}
/** Chooses in a menu to search in. */
async function choose(place, label, option) {
  await place.getByLabel(label, { exact: true }).click();
  await page.getByRole('option', { name: new RegExp(`^${option}( ?[\\d.,]*)?$`, 'i') }).click();
}

await step('a shop with orders', async () => {
  await page.goto(kith.link);
  await write(page.getByLabel(WORDS.name), 'Olive Owner');
  await write(page.getByLabel(WORDS.email), 'olive@shop.example');
  await write(page.getByLabel(WORDS.password, { exact: true }), 'correct horse battery');
  await page.getByRole('button', { name: WORDS.on }).click();
  await write(page.getByLabel(WORDS.shopName), 'Harbour & Loom');
  await page.getByRole('button', { name: WORDS.on }).click();
  await heading(WORDS.where);
  await page.goto(`${kith.base}/import`);
  await page.locator('input[type=file]').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(makeExport(30).csv) });
  await heading(WORDS.right);
  await page.getByRole('button', { name: WORDS.start }).click();
  await heading(WORDS.done);
});

await step('and with a site that tells what happens', async () => {
  const made = await send('/api/keys', { name: 'site', scope: 'ingest' });
  key = made.json.secret;
  if (!key) throw new Error(`no key: ${made.status} ${JSON.stringify(made.json)}`);
  for (const [user, name] of [['ida', 'Ida Berg'], ['otto', 'Otto Lang']]) {
    await identify(user, { name, email: `${user}@example.com`, country: 'DE', plan: 'gold' });
    await track(user, 'Product Viewed', { category: 'Shoes', price: 49.9 });
  }
});

await step('menus alone: put into the basket lately, and no order after', async () => {
  await page.goto(`${kith.base}/groups`);
  await page.locator('.ready').first().waitFor();
  await look('templates');
  await page.getByRole('link', { name: WORDS.build }).click();
  await heading(WORDS.who);
  await look('builder-empty');
  await page.getByRole('button', { name: WORDS.add, exact: true }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${WORDS.did}`) }).waitFor();
  await look('builder-menu', { full: false });
  await page.keyboard.press('Escape');
  await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
  await add(WORDS.did);
  await choose(sentence(0), WORDS.event, WORDS.added);
  await sentence(0).getByLabel(WORDS.when, { exact: true }).selectOption('in_last');
  await write(sentence(0).getByLabel(WORDS.number, { exact: true }), '3');
  await sentence(0).getByRole('button', { name: WORDS.then }).click();
  await sentence(0).getByLabel(WORDS.notThen, { exact: true }).selectOption('not');
  await sentence(0).getByLabel(WORDS.event, { exact: true }).nth(1).click();
  await page.getByRole('option', { name: new RegExp(`^${WORDS.ordered}( ?[\\d.,]*)?$`, 'i') }).click();
  await sentence(0).getByLabel(WORDS.within, { exact: true }).selectOption('any');
  await counted(WORDS.nobody);
  await look('builder-cart');
});

await step('it is the same as text, and back', async () => {
  await page.getByRole('button', { name: WORDS.text }).click();
  const text = await page.getByLabel(WORDS.rule, { exact: true }).inputValue();
  if (text !== 'did "Product Added" in last 3 days and not then "Order Completed"') throw new Error(`the text is ${text}`);
  await write(page.getByLabel(WORDS.rule, { exact: true }), 'did "Produkt Added" in last 3 days');
  await page.getByRole('button', { name: WORDS.meant('Product Added') }).waitFor();
  await look('builder-text-wrong', { full: false });
  await write(page.getByLabel(WORDS.rule, { exact: true }), `${text} and did "Product Viewed" where (not category = "shoes")`);
  await page.getByRole('button', { name: WORDS.menus, exact: true }).click();
  await page.locator('.b-text', { hasText: /not category/ }).waitFor();
  await look('builder-part-text', { full: false });
  await sentence(1).getByRole('button', { name: WORDS.remove }).click();
  await counted(WORDS.nobody);
});

await step('kept; people come in as events arrive', async () => {
  await write(page.getByLabel(WORDS.groupName), 'Basket left');
  await page.getByRole('button', { name: WORDS.keep }).click();
  await heading('Basket left');
  await page.locator('.b-live-count', { hasText: WORDS.nobody }).waitFor();
  await track('ida', 'Product Added', { category: 'Shoes', price: 49.9 });
  await track('otto', 'Product Added', { category: 'Hats', price: 20 });
  for (let tries = 0; tries < 30; tries += 1) {
    await page.reload();
    await heading('Basket left');
    await page.locator('.b-live-count').waitFor();
    if (await page.locator('.b-live-count', { hasText: WORDS.people(2) }).count()) break;
    await page.waitForTimeout(500);
  }
  await counted(WORDS.people(2));
  await page.getByText(WORDS.came(2)).waitFor();
  await page.getByRole('link', { name: /Ida Berg/ }).first().waitFor();
});

await step('why is Ida in it, and until when', async () => {
  const box = page.getByRole('combobox', { name: WORDS.why, exact: true });
  await find(box, 'Ida', page.getByRole('option', { name: /Ida Berg/ }));
  await page.getByText(`Ida Berg ${WORDS.in}`).waitFor();
  await page.getByText(WORDS.leaves).waitFor();
  await look('group');
});

await step('a record is kept of who comes and goes', async () => {
  await page.getByRole('switch', { name: WORDS.watch }).click();
  await page.getByText(WORDS.watched).waitFor();
  await page.reload();
  await page.getByText(WORDS.watched).waitFor();
  await eventually(async () => { if (!await page.getByRole('switch', { name: WORDS.watch }).isChecked()) throw new Error('the switch is off again'); });
  await page.locator('.watch-steps li', { hasText: 'Ida Berg' }).waitFor();
  await identify('nina', { name: 'Nina Vogt', email: 'nina@example.com', country: 'AT' });
  await track('nina', 'Product Added', { category: 'Hats', price: 20 });
  await page.locator('.watch-steps li', { hasText: 'Nina Vogt' }).filter({ hasText: WORDS.cameIn }).waitFor();
  await look('group-watched');
});

await step('what exists is offered: a detail of an event, and what we know of people', async () => {
  await page.goto(`${kith.base}/groups/new`);
  await add(WORDS.did);
  await choose(sentence(0), WORDS.event, WORDS.viewed);
  await sentence(0).getByRole('button', { name: WORDS.where1 }).click();
  await choose(sentence(0), WORDS.detail, WORDS.category);
  await sentence(0).getByLabel(WORDS.value, { exact: true }).click();
  await page.getByRole('option', { name: 'Shoes', exact: true }).click();
  await counted(WORDS.people(2));
  await add(WORDS.trait);
  await choose(sentence(1), WORDS.about, WORDS.country);
  await write(sentence(1).getByLabel(WORDS.value, { exact: true }), 'DE');
  await page.keyboard.press('Escape');
  await counted(WORDS.people(2));
  await look('builder-where');
});

await step('sequences, stages, ratios and times between by menus', async () => {
  await page.goto(`${kith.base}/groups/new`);
  await add(WORDS.did);
  await choose(sentence(0), WORDS.event, WORDS.viewed);
  await sentence(0).getByRole('button', { name: WORDS.then }).click();
  await sentence(0).getByLabel(WORDS.event, { exact: true }).nth(1).click();
  await page.getByRole('option', { name: new RegExp(`^${WORDS.added}( ?[\\d.,]*)?$`, 'i') }).click();
  await sentence(0).getByRole('button', { name: WORDS.then }).click();
  await sentence(0).getByLabel(WORDS.event, { exact: true }).nth(2).click();
  await page.getByRole('option', { name: new RegExp(`^${WORDS.ordered}( ?[\\d.,]*)?$`, 'i') }).click();
  await sentence(0).getByLabel(WORDS.notThen, { exact: true }).selectOption('not');
  await counted(WORDS.people(2));
  await add(WORDS.stage);
  await sentence(1).getByLabel(WORDS.stageLabel, { exact: true }).selectOption('lead');
  await counted(WORDS.people(2));
  await add(WORDS.ratio);
  await sentence(2).getByLabel(WORDS.event, { exact: true }).nth(0).click();
  await page.getByRole('option', { name: new RegExp(`^${WORDS.added}( ?[\\d.,]*)?$`, 'i') }).click();
  await sentence(2).getByLabel(WORDS.event, { exact: true }).nth(1).click();
  await page.getByRole('option', { name: new RegExp(`^${WORDS.viewed}( ?[\\d.,]*)?$`, 'i') }).click();
  await counted(WORDS.people(2));
  await look('builder-measures');
  await page.getByRole('button', { name: WORDS.text }).click();
  const text = await page.getByLabel(WORDS.rule, { exact: true }).inputValue();
  const want = 'did "Product Viewed" then "Product Added" within 7 days and not then "Order Completed" within 7 days and lifecycle "lead" and ratio of "Product Added" to "Product Viewed" >= 20 % in last 90 days';
  if (text !== want) throw new Error(`the text is ${text}`);
  await page.goto(`${kith.base}/groups/new?${new URLSearchParams({ rule: 'median time between "Product Viewed" <= 2 days and top 50 % by count of "Product Viewed" in last 30 days and anniversary of birthday in next 3 days and did "Product Viewed" where context.page.path = "/x"' })}`);
  await page.locator('.b-one').nth(3).waitFor();
  if (await page.locator('.b-text').count()) throw new Error('a form is shown as text');
  await look('builder-forms');
});

await step('a list of people from a file', async () => {
  await page.goto(`${kith.base}/groups`);
  await page.getByRole('button', { name: WORDS.listNew }).click();
  await write(page.getByLabel(WORDS.listName, { exact: true }), 'Guests');
  await page.locator('input[type=file]').setInputFiles({ name: 'guests.csv', mimeType: 'text/csv', buffer: Buffer.from('Name,E-Mail\nIda,ida@example.com\nOtto,otto@example.com\nZoe,zoe@nowhere.example\n') });
  await page.getByText(WORDS.found).waitFor();
  await page.getByText(WORDS.unknown).click();
  await page.locator('.list-unknown li', { hasText: 'zoe@nowhere.example' }).waitFor();
  await look('list-file', { full: false });
  await page.getByRole('button', { name: WORDS.put }).click();
  await heading('Guests');
  await counted(WORDS.people(2));
  await look('group-list');
});

await step('the list as a file, and kept as another', async () => {
  await page.getByRole('button', { name: WORDS.acts('Guests') }).click();
  await page.getByRole('menuitem', { name: WORDS.exportOpen }).click();
  await page.getByRole('button', { name: WORDS.exportAct }).waitFor();
  await look('export', { full: false });
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: WORDS.exportAct }).click()]);
  if (file.suggestedFilename() !== 'Guests.csv') throw new Error(`the file is ${file.suggestedFilename()}`);
  await page.getByRole('button', { name: WORDS.acts('Guests') }).click();
  await page.getByRole('menuitem', { name: WORDS.freeze }).click();
  await write(page.getByLabel(WORDS.listName, { exact: true }), 'Guests of May');
  await page.getByRole('button', { name: WORDS.freezeAct, exact: true }).click();
  await heading('Guests of May');
});

await step('the groups of a person; put on a list and taken off it', async () => {
  await page.getByRole('link', { name: /Ida Berg/ }).first().click();
  await page.getByRole('heading', { level: 2, name: WORDS.pgroups }).waitFor();
  await page.getByRole('link', { name: 'Basket left', exact: true }).waitFor();
  await page.getByRole('button', { name: WORDS.take('Guests of May'), exact: true }).click();
  await page.getByRole('link', { name: 'Guests of May', exact: true }).waitFor({ state: 'detached' });
  await look('person');
  await page.getByRole('button', { name: WORDS.putOn }).click();
  await page.getByRole('menuitem', { name: 'Guests of May', exact: true }).click();
  await page.getByRole('link', { name: 'Guests of May', exact: true }).waitFor();
});

await step('people chosen on their page, put on a new list', async () => {
  await page.goto(`${kith.base}/people?q=example.com`);
  await page.getByRole('button', { name: WORDS.toList }).click();
  await write(page.getByRole('combobox', { name: WORDS.whichList, exact: true }), 'Found');
  await page.keyboard.press('Enter');
  await page.getByText(WORDS.added3).waitFor();
});

await finish();
