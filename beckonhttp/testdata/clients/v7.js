'use strict';
const { IntercomClient } = require('intercom-client-7');
const { assert, now, refused, run } = require('./check');
const [, , baseUrl, token] = process.argv;
const client = new IntercomClient({ token, baseUrl });
const once = { maxRetries: 0 };
let id, lead;

run({
  'create a contact': async () => {
    const c = await client.contacts.create({ external_id: 'v7', email: 'v7@b.example', role: 'user', custom_attributes: { plan: 'pro' } });
    assert.strictEqual(c.type, 'contact');
    assert.strictEqual(c.external_id, 'v7');
    id = c.id;
  },
  'a second one is a conflict': async () => {
    const err = await refused(409, () => client.contacts.create({ external_id: 'v7' }, once));
    assert.match(err.body.errors[0].message, /already exists/);
  },
  'find it': async () => {
    assert.strictEqual((await client.contacts.find({ contact_id: id })).email, 'v7@b.example');
    assert.strictEqual((await client.contacts.showContactByExternalId({ external_id: 'v7' })).id, id);
  },
  'update it': async () => {
    const c = await client.contacts.update({ contact_id: id, name: 'Ada', custom_attributes: { seats: 3 } });
    assert.deepStrictEqual(c.custom_attributes, { plan: 'pro', seats: 3 });
    assert.strictEqual(c.name, 'Ada');
  },
  'companies': async () => {
    await client.companies.attachContact({ contact_id: id, id: 'acme' });
    assert.strictEqual((await client.contacts.find({ contact_id: id })).companies.data[0].id, 'acme');
    await client.companies.detachContact({ contact_id: id, company_id: 'acme' });
    assert.strictEqual((await client.contacts.find({ contact_id: id })).companies.total_count, 0);
  },
  'track': async () => {
    await client.events.create({ event_name: 'invited-friend', created_at: now(), user_id: 'v7', metadata: { n: 1 } });
    await client.events.create({ event_name: 'invited-friend', created_at: now() - 60, id, metadata: { price: { amount: 34999, currency: 'eur' } } });
    const list = await client.events.list({ user_id: 'v7', type: 'user' });
    assert.strictEqual(list.type, 'event.list');
    assert.strictEqual(list.events.length, 2);
    assert.deepStrictEqual(list.events[1].metadata, { price: { amount: 34999, currency: 'eur' } });
  },
  'summaries': async () => {
    await client.events.summaries({ user_id: 'v7', event_summaries: { event_name: 'exported', count: 9, first: now() - 100, last: now() - 50 } });
    const s = await client.events.list({ user_id: 'v7', type: 'user', summary: true });
    assert.strictEqual(s.type, 'event.summary');
    assert.deepStrictEqual(s.events.map((e) => [e.name, e.count]), [['exported', 9], ['invited-friend', 2]]);
  },
  'refusals': async () => {
    const err = await refused(400, () => client.events.create({ event_name: 'e', created_at: 1.5, user_id: 'v7' }, once));
    assert.strictEqual(err.body.errors[0].code, 'created_at_invalid');
    await refused(404, () => client.contacts.find({ contact_id: 'nobody' }, once));
    await refused(404, () => client.events.create({ event_name: 'e', created_at: now(), user_id: 'nobody' }, once));
    const other = new IntercomClient({ token: 'wrong', baseUrl });
    await refused(401, () => other.contacts.find({ contact_id: id }, once));
  },
  'a lead becomes a user': async () => {
    lead = (await client.contacts.create({ role: 'lead', name: 'L' })).id;
    const c = await client.contacts.mergeLeadInUser({ from: lead, into: id });
    assert.strictEqual(c.id, id);
    assert.strictEqual((await client.contacts.find({ contact_id: lead })).id, id);
  },
  'a visitor becomes a user': async () => {
    assert.strictEqual((await client.visitors.find({ user_id: 'visitor-v7' })).type, 'visitor');
    await client.visitors.update({ user_id: 'visitor-v7', name: 'Vi' });
    const c = await client.visitors.mergeToContact({ type: 'user', user: { user_id: 'v7-2' }, visitor: { user_id: 'visitor-v7' } });
    assert.strictEqual(c.external_id, 'v7-2');
    assert.strictEqual(c.name, 'Vi');
  },
  'search': async () => {
    const page = await client.contacts.search({ query: { field: 'custom_attributes.seats', operator: '>', value: 2 } });
    assert.deepStrictEqual(page.data.map((c) => c.id), [id]);
  },
  'delete it': async () => {
    assert.strictEqual((await client.contacts.delete({ contact_id: id })).deleted, true);
    await refused(404, () => client.contacts.find({ contact_id: id }, once));
  },
});
