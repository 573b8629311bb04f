'use strict';
const { Analytics } = require('@segment/analytics-node');
const { assert, now, run } = require('./check');
const [, , host, writeKey] = process.argv;

// send sends calls as one batch, and returns the answer and what the client says of it.
const send = async (key, calls) => {
  const url = new URL(host);
  const path = url.pathname + '/v1/batch';
  const client = new Analytics({ writeKey: key, host: url.origin, path, maxRetries: 0, maxEventsInBatch: 50 });
  const seen = { status: 0, errors: [] };
  client.on('http_response', (res) => { seen.status = res.status; });
  client.on('error', (err) => seen.errors.push(err.code));
  calls(client);
  await client.closeAndFlush();
  return seen;
};
const timestamp = () => new Date(now() * 1000 - 750);

run({
  'all calls': async () => {
    const seen = await send(writeKey, (c) => {
      c.identify({ userId: 'u1', traits: { email: 'a@b.example', name: 'Ada', address: { city: 'Bonn' } }, timestamp: timestamp() });
      c.track({ userId: 'u1', event: 'Order Completed', messageId: 'm1', timestamp: timestamp(), properties: { revenue: 9.99, currency: 'EUR', order: { id: 7 }, tags: ['a'] } });
      c.page({ anonymousId: 'v1', name: 'Home', properties: { url: 'https://shop.example/' } });
      c.screen({ userId: 'u1', name: 'Cart' });
      c.group({ userId: 'u1', groupId: 'acme', traits: { name: 'Acme', employees: 12 } });
      c.alias({ previousId: 'v1', userId: 'u1' });
    });
    assert.deepStrictEqual(seen, { status: 200, errors: [] });
  },
  'a repeat': async () => {
    const seen = await send(writeKey, (c) => c.track({ userId: 'u1', event: 'Order Completed', messageId: 'm1' }));
    assert.deepStrictEqual(seen, { status: 200, errors: [] });
  },
  'a wrong key': async () => {
    const seen = await send('wrong', (c) => c.track({ userId: 'u1', event: 'never' }));
    assert.strictEqual(seen.status, 401);
    assert.deepStrictEqual(seen.errors, ['delivery_failure']);
  },
});
