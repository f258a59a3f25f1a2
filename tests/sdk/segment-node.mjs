// @segment/analytics-node, unmodified: every call it has, then a flush. Arguments: URL KEY.
import { Analytics } from '@segment/analytics-node';

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 5, maxRetries: 5 });
analytics.on('error', (error) => {
    console.error(error);
    process.exitCode = 1;
});

analytics.identify({ userId: 'segment-node', traits: { email: 'node@shop.example', name: 'Nora Łęcka' } });
for (let i = 0; i < 20; i++) {
    analytics.track({ userId: 'segment-node', event: 'Product Viewed', properties: { product_id: `p${i}`, price: i } });
}
analytics.track({
    userId: 'segment-node',
    event: 'Order Completed',
    properties: {
        order_id: 'sdk-node-1', revenue: 12.5, currency: 'GBP',
        products: [{ product_id: 'p1', name: 'Lamp', price: 12.5, quantity: 1 }],
    },
});
analytics.page({ userId: 'segment-node', name: 'Home', properties: { url: 'https://shop.example/' } });
analytics.screen({ userId: 'segment-node', name: 'Basket' });
analytics.group({ userId: 'segment-node', groupId: 'club', traits: { name: 'Club' } });
analytics.alias({ userId: 'segment-node', previousId: 'segment-node-before' });
await analytics.closeAndFlush();
