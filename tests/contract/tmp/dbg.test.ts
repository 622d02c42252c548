import { test } from 'vitest'
import { startTestServer } from '../../helpers/test-server.ts'
test('dbg', async () => {
  const server = await startTestServer()
  const a = await server.createAccount()
  const agent = await server.trpc(a).agents.provision.mutate({ name: 'x' })
  const r = await server.graphql('mutation { signIn(email: "' + a.email + '", password: "' + a.password + '") { id } }')
  console.log(r.status, JSON.stringify(r.body), [...r.headers])
  const h = { authorization: `Bearer ${a.key}`, 'content-type': 'application/json' }
  let x = await fetch(server.url + '/graphql', { method: 'POST', headers: { ...h, accept: 'text/event-stream' }, body: JSON.stringify({ query: 'subscription { messageStream(message: "help") { __typename ... on ChatStarted { type id } ... on ChatDone { reply } } }' }) })
  console.log(x.status, await x.text(), [...x.headers])
  x = await fetch(server.url + '/graphql', { method: 'POST', headers: { ...h, accept: 'text/event-stream' }, body: JSON.stringify({ query: 'subscription { messageStream(message: "help", agentId: "nope") { __typename } }' }) })
  console.log(x.status, await x.text())
  x = await fetch(server.url + '/trpc/chat.stream?batch=1', { method: 'POST', headers: { ...h, 'trpc-accept': 'application/jsonl' }, body: JSON.stringify({ 0: { message: 'help' } }) })
  console.log(x.status, await x.text())
  x = await fetch(server.url + '/trpc/chat.stream?batch=1', { method: 'POST', headers: { ...h, 'trpc-accept': 'application/jsonl' }, body: JSON.stringify({ 0: { message: 'help', agentId: 'nope' } }) })
  console.log(x.status, await x.text())
  x = await fetch(server.url + '/graphql', { method: 'POST', headers: { ...h, origin: 'https://evil.example' , authorization: '', cookie: a.cookie}, body: JSON.stringify({ query: '{ me { id } }' }) })
  console.log(x.status, await x.text())
  x = await fetch(server.url + '/api/agents/%E0%A4%A', { headers: h })
  console.log(x.status, await x.text())
  x = await fetch(server.url + '/api/agents/%00', { headers: h })
  console.log(x.status, await x.text())
  void agent
  await server.close()
})
