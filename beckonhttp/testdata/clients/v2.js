'use strict';
const { Client } = require('intercom-client-2');
const { assert, now, refused, run } = require('./check');
const [, , baseUrl, token] = process.argv;
const client = new Client({ token });
client.useRequestOpts({ baseUrl });
let lead;

run({
  'create and update a user': async () => {
    await client.users.create({ user_id: 'v2', email: 'v2@b.example', custom_attributes: { plan: 'pro' }, companies: [{ company_id: 'acme', name: 'Acme' }] });
    const { body } = await client.users.update({ user_id: 'v2', name: 'Ada', companies: [{ company_id: 'acme', remove: true }] });
    assert.strictEqual(body.type, 'user');
    assert.strictEqual(body.name, 'Ada');
    assert.deepStrictEqual(body.companies.companies, []);
    assert.deepStrictEqual(body.custom_attributes, { plan: 'pro' });
  },
  'find a user': async () => {
    const { body } = await client.users.find({ email: 'v2@b.example' });
    assert.strictEqual(body.user_id, 'v2');
    assert.strictEqual((await client.users.find({ id: body.id })).body.user_id, 'v2');
  },
  'leads': async () => {
    lead = (await client.leads.create({ email: 'lead2@b.example' })).body;
    await client.leads.update({ id: lead.id, name: 'L' });
    assert.strictEqual((await client.leads.find({ id: lead.id })).body.name, 'L');
    const { body } = await client.leads.convert({ contact: { id: lead.id }, user: { user_id: 'v2' } });
    assert.strictEqual(body.user_id, 'v2');
  },
  'track, list, bulk': async () => {
    await client.events.create({ event_name: 'e2', created_at: now(), user_id: 'v2', metadata: { n: 1 } });
    const { body } = await client.events.bulk([{ create: { event_name: 'e2', created_at: now() - 5, user_id: 'v2' } }]);
    assert.strictEqual(body.state, 'completed');
    const list = (await client.events.listBy({ type: 'user', user_id: 'v2' })).body;
    assert.strictEqual(list.events.length, 2);
    assert.strictEqual((await client.users.bulk([{ create: { user_id: 'v2-b' } }, { delete: { user_id: 'v2-b' } }])).body.state, 'completed');
  },
  'conversations check the user, once': async () => {
    const { body } = await client.conversations.list({ type: 'user', user_id: 'v2' });
    assert.strictEqual(body.type, 'conversation.list');
    await refused(429, () => client.conversations.list({ type: 'user', user_id: 'v2' }));
  },
  'a refusal is not taken for success': async () => {
    await refused(400, () => client.events.create({}));
    await refused(404, () => client.users.find({ user_id: 'nobody' }));
  },
  'a visitor becomes a user': async () => {
    const { body } = await client.visitors.convert({ visitor: { user_id: 'visitor-v2' }, user: { user_id: 'v2' }, type: 'user' });
    assert.strictEqual(body.user_id, 'v2');
  },
  'archive': async () => {
    await client.users.archive({ user_id: 'v2' });
    await refused(404, () => client.users.find({ user_id: 'v2' }));
  },
});
