// @rudderstack/rudder-sdk-node, unmodified: gzip labelled as a form, key by Basic. Arguments: URL KEY.
import RudderAnalytics from '@rudderstack/rudder-sdk-node';

const [host, writeKey] = process.argv.slice(2);
const Client = RudderAnalytics.default ?? RudderAnalytics;
const client = new Client(writeKey, { dataPlaneUrl: host, flushAt: 4, flushInterval: 200 });

client.identify({ userId: 'rudder-node', traits: { email: 'rudder@shop.example', name: 'Rudi' } });
for (let i = 0; i < 10; i++) {
    client.track({ userId: 'rudder-node', event: 'Product Viewed', properties: { product_id: `p${i}` } });
}
client.track({
    userId: 'rudder-node',
    event: 'Order Completed',
    properties: { order_id: 'sdk-rudder-1', revenue: 20, currency: 'GBP' },
});
await new Promise((done, failed) => {
    client.flush((error) => (error ? failed(error) : done()));
});
// What was queued while the first flush ran goes with a second one.
await new Promise((done, failed) => {
    client.flush((error) => (error ? failed(error) : done()));
});
process.exit(0);
