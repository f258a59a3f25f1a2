// The connection of a shop: its secret, the address to copy, a signed delivery that counts and one that is refused.
//
//   node tests/browser/hooks.mjs [--screens FOLDER] [--width 390] [--look dark]
import { createHmac } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openPage, startKith } from './kith.mjs';
import { makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: { screens: { type: 'string' }, width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' } } });
const width = Number(options.width);
const SECRET = 'a secret of the shop';
const kith = await startKith();
const { browser, page, complaints } = await openPage(kith.base, { width, look: options.look });
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 2);
let address = '';

/** What Shopify sends when a product changes, signed with `secret`. */
async function deliver(secret, id) {
  const body = JSON.stringify({ id: 7, title: 'Linen shirt', handle: 'linen-shirt', updated_at: '2026-01-02T10:00:00Z', variants: [{ id: 8, sku: 'L1', price: '30.00' }] });
  const signature = createHmac('sha256', secret).update(body).digest('base64');
  const headers = { 'Content-Type': 'application/json', 'X-Shopify-Topic': 'products/update', 'X-Shopify-Event-Id': id, 'X-Shopify-Hmac-Sha256': signature };
  return (await fetch(address, { method: 'POST', headers, body })).status;
}

await step('a shop without a connection', async () => {
  await page.goto(kith.link);
  await write(page.getByLabel('Your name'), 'Olive Owner');
  await write(page.getByLabel('Email'), 'olive@shop.example');
  await write(page.getByLabel('Password', { exact: true }), 'correct horse battery');
  await page.getByRole('button', { name: 'Go on' }).click();
  await write(page.getByLabel('Name of the shop'), 'Harbour & Loom');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { level: 1, name: 'Where shall we begin?' }).waitFor();
  await page.goto(`${kith.base}/settings/connection`);
  await page.getByRole('button', { name: 'Connect Shopify' }).waitFor();
  await look('connection-empty');
});

await step('the secret is kept, and the address stands there to be copied', async () => {
  await page.getByRole('button', { name: 'Connect Shopify' }).click();
  await write(page.getByLabel('Secret', { exact: true }), SECRET);
  await page.getByRole('button', { name: 'Keep the secret' }).click();
  const code = page.locator('.hook .copy code');
  await code.waitFor();
  address = await code.innerText();
  if (!/\/hooks\/shopify\/[0-9a-f]{32}$/.test(address)) throw new Error(address);
});

await step('what is signed counts, what is not is refused, and both are shown', async () => {
  if (await deliver(SECRET, 'one') !== 200) throw new Error('a signed delivery is refused');
  if (await deliver('another secret', 'two') !== 401) throw new Error('a wrong signature is believed');
  await page.reload();
  await page.locator('.hook td', { hasText: 'products/update' }).waitFor();
  await page.locator('.hook .chip', { hasText: 'counts' }).waitFor();
  await page.getByText(/1 delivery had a wrong signature/).waitFor();
});

await step('a shop that does not answer is said not to, and its token is forgotten', async () => {
  await page.getByRole('button', { name: 'Read WooCommerce …' }).click();
  await write(page.getByLabel('Address of the shop'), 'http://127.0.0.1:1');
  await write(page.getByLabel('Consumer key'), 'ck_of_the_shop');
  await write(page.getByLabel('Consumer secret', { exact: true }), 'cs_of_the_shop');
  await page.getByRole('button', { name: 'Keep and read now' }).click();
  await page.getByText(/The shop gave no usable answer/).waitFor({ timeout: 60_000 });
  if ((await page.content()).includes('cs_of_the_shop')) throw new Error('the token is shown');
  await look('connection');
  await page.getByRole('button', { name: 'Stop reading …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget the token' }).click();
  await page.locator('.api').waitFor({ state: 'detached' });
});

await step('disconnected, the address is gone', async () => {
  await page.getByRole('button', { name: 'Disconnect …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect', exact: true }).click();
  await page.locator('.hook').waitFor({ state: 'detached' });
  if (await deliver(SECRET, 'three') !== 404) throw new Error('the address still answers');
});

await finish();
