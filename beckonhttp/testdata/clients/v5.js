'use strict';
const { Client } = require('intercom-client-5');
const { assert, now, refused, run } = require('./check');
const [, , baseURL, token] = process.argv;
const client = new Client({ tokenAuth: { token } });
client.useRequestOpts({ baseURL });
let id;

run({
  'create a user': async () => {
    const c = await client.contacts.createUser({ externalId: 'v5', email: 'v5@b.example', customAttributes: { plan: 'pro' } });
    assert.strictEqual(c.external_id, 'v5');
    id = c.id;
  },
  'find and update': async () => {
    await client.contacts.update({ id, name: 'Ada' });
    assert.strictEqual((await client.contacts.find({ id })).name, 'Ada');
  },
  'a lead, merged': async () => {
    const lead = await client.contacts.createLead({ email: 'lead5@b.example' });
    assert.strictEqual((await client.contacts.mergeLeadInUser({ leadId: lead.id, userId: id })).id, id);
  },
  'companies': async () => {
    await client.companies.attachContact({ contactId: id, companyId: 'acme' });
    assert.strictEqual((await client.contacts.listAttachedCompanies({ id })).data[0].id, 'acme');
  },
  'track and list': async () => {
    await client.events.create({ eventName: 'e5', createdAt: now(), userId: 'v5', metadata: { a: 'x' } });
    await client.events.create({ eventName: 'e5', createdAt: now() - 9, userId: 'v5', metadata: { a: 'y' } });
    const list = await client.events.listBy({ userId: 'v5', perPage: 1 });
    assert.strictEqual(list.events[0].metadata.a, 'x');
    assert.match(list.pages.next, /before=/);
    const sum = await client.events.listBy({ userId: 'v5', summary: true });
    assert.strictEqual(sum.events[0].count, 2);
  },
  'every refusal has a message': async () => {
    const err = await refused(400, () => client.events.create({ event_name: 'lost', user_id: 'v5' })); // the client drops these
    assert.match(err.message, /event_name|name/);
    await refused(404, () => client.contacts.find({ id: 'nobody' }));
    await refused(409, () => client.contacts.createUser({ externalId: 'v5' }));
  },
  'a visitor becomes a user': async () => {
    const c = await client.visitors.mergeToContact({ visitor: { userId: 'visitor-v5' }, user: { userId: 'v5' }, type: 'user' });
    assert.strictEqual(c.external_id, 'v5');
  },
  'search': async () => {
    const page = await client.contacts.search({ data: { query: { field: 'external_id', operator: '=', value: 'v5' } } });
    assert.deepStrictEqual(page.data.map((c) => c.id), [id]);
  },
  'delete': async () => {
    assert.strictEqual((await client.contacts.delete({ id })).deleted, true);
  },
});
