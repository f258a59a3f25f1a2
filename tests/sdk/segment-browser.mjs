// @segment/analytics-next, unmodified, in Chromium: a shop's page on another origin loads the SDK's
// own browser bundle and points it at Kith. Arguments: URL KEY MODE (standard | batching).
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [host, writeKey, mode] = process.argv.slice(2);
const bundle = new URL('../node_modules/@segment/analytics-next/dist/umd/', import.meta.url);

const page = `<!doctype html><meta charset="utf-8"><title>A gift shop</title>
<script src="/sdk/index.js"></script>
<script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load(
    { writeKey: ${JSON.stringify(writeKey)}, cdnURL: ${JSON.stringify(host)} },
    { integrations: { 'Segment.io': {
        apiHost: ${JSON.stringify(host.replace(/^http:\/\//, ''))} + '/v1', protocol: 'http',
        deliveryStrategy: ${mode === 'batching'
        ? "{ strategy: 'batching', config: { size: 5, timeout: 500 } }"
        : "{ strategy: 'standard' }"} } } });
  window.run = async (user) => {
    await analytics.page('Home');
    for (let i = 0; i < 8; i++) await analytics.track('Product Viewed', { product_id: 'p' + i });
    await analytics.identify(user, { email: user + '@shop.example', name: 'Bella Browser' });
    await analytics.track('Product Added', { product_id: 'p1', price: 9.5 });
    await analytics.group('club', { name: 'Club' });
  };
</script>`;

const shop = createServer(async (request, response) => {
    if (!request.url.startsWith('/sdk/')) return response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    try {
        const file = await readFile(new URL(request.url.slice(5), bundle));
        response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(file);
    } catch {
        response.writeHead(404).end();
    }
});
await new Promise((ready) => shop.listen(0, '127.0.0.1', ready));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
    const tab = await browser.newPage();
    const bad = [];
    // Its fetches are `keepalive`, of which the browser's tools do not see the end: it is done when
    // it has asked for nothing new for a while.
    let asked = Date.now();
    tab.on('request', () => {
        asked = Date.now();
    });
    tab.on('response', (reply) => {
        if (reply.url().startsWith(host) && reply.status() >= 400) bad.push(`${reply.status()} ${reply.url()}`);
    });
    tab.on('console', (message) => {
        if (message.type() === 'error') bad.push(message.text());
    });
    await tab.goto(`http://127.0.0.1:${shop.address().port}/`);
    await tab.evaluate((user) => window.run(user), `segment-browser-${mode}`);
    while (Date.now() - asked < 1500) await tab.waitForTimeout(100);
    if (bad.length > 0) throw new Error(bad.join('; '));
} finally {
    await browser.close();
    shop.close();
}
