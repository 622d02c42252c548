import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStoreOf } from '../../server/integrations/storage/index.ts'
import { reserveCredits } from '../../server/money/billing/ledger.service.ts'
import type { Authenticator } from '../fakes/authenticator.ts'
import type { AccountId } from '../../server/platform/core/context.ts'
import { startSession } from '../../server/identity/auth/sessions.ts'
import { newId } from '../../server/platform/core/ids.ts'
import type { TokenUnits } from '../../server/platform/money/index.ts'
import { bookDeposit } from '../../server/money/bookings/escrow-books.ts'
import type { SubmitVoucher } from '../../server/money/payments/sessions.contract.ts'
import { giveBackLeases } from '../helpers/give-back-leases.ts'
import { payIn } from '../helpers/ledger.ts'
import { setAccount } from '../helpers/set-account.ts'
import { waitForMails } from '../helpers/outbox.ts'
import { prepareRegistration, prepareVerification, registerPasskey } from '../helpers/passkeys.ts'
import { createTeam, invite, joinTeam } from '../helpers/teams.ts'
import type { TestAccount, TestServer } from '../helpers/test-server.ts'
import type { prepareGitHubSignIn } from '../helpers/oauth.ts'
import type { SignedMessage } from '../helpers/wallets.ts'
import { signVoucher, wallet } from './wallet.ts'

/** An account with one of everything, and the texts by which its data is recognised wherever it turns up. */
export interface Owner extends TestAccount {
  agentId: string
  /** Of that agent. */
  instanceId: string
  sessionId: string
  /** A message that was answered. */
  messageId: string
  /** A message whose answer failed. */
  failedMessageId: string
  keyId: string
  fileId: string
  taskId: string
  cronJobId: string
  /** A message that was answered in the background. */
  jobId: string
  paymentSessionId: string
  /** A payment from their wallet that waits for them. */
  walletSendId: string
  walletPolicyId: string
  /** Address of the wallet that is kept for them. */
  ownWallet: string
  /** Signed for that session, and not submitted yet. */
  voucher: SubmitVoucher
  passkeyId: string
  /** A team of theirs. */
  workspaceId: string
  /** Somebody else in it. */
  memberId: string
  /** Of somebody who has not come to it yet. */
  invitationId: string
  /** Of the link of that invitation. */
  invitationToken: string
  exportId: string
  budgetId: string
  deletedWorkspaceId: string
  bookingId: string
  splitId: string
  splitRuleId: string
  /** Of somebody who deleted their account. */
  restoreToken?: string
  /** Finishes adding another passkey. */
  passkeyRegistration: Awaited<ReturnType<typeof prepareRegistration>>
  /** The device that has the passkey. */
  authenticator: Authenticator
  /** Verifies the agent once more, by the passkey. */
  verification: Awaited<ReturnType<typeof prepareVerification>>
  /** A mail that was kept for its address. */
  mailId: string
  /** Of a link that was mailed to it; only for calls that need one. */
  linkToken?: string
  /** Signs in with the passkey. */
  passkeySignIn?: { response: { id: string; [field: string]: unknown }; challenge: string }
  /** Signed by a wallet, to sign in with or to link it; made for the call that needs it. */
  walletMessage?: SignedMessage
  /** A checkout that was paid at; made for the call that needs it. */
  checkoutId?: string
  /** Sells credit. */
  creditPrice?: string
  /** An event of Stripe's, as it arrives. */
  stripeDelivery?: { payload: string; signature: string }
  /** A wallet that is linked. */
  walletAddress?: string
  fidToken?: string
  farcasterSession?: string
  /** Another browser that is signed in. */
  signInSessionId: string
  /** Of an authenticator app; made for the call that needs it. */
  secondFactorCode?: string
  /** Of a sign-in that is half done. */
  secondFactorTicket?: string
  /** Finishes a sign-in elsewhere. */
  oauthAnswer?: Awaited<ReturnType<typeof prepareGitHubSignIn>>
  /** Found in every kind of data of the account: names, messages, memory, configuration, settings. */
  marker: string
  /** Secrets nobody gets to see, not even the account itself. */
  secrets: string[]
}

let owners = 0

/** A signed-in account with an API key and everything an account can have. */
export async function createOwner(server: TestServer): Promise<Owner> {
  return seedAccount(server, await server.createAccount())
}

/** Gives an account one of everything. */
export async function seedAccount(server: TestServer, account: TestAccount, userId = account.id): Promise<Owner> {
  const { key, cookie } = account
  const marker = `marker${++owners}x${Date.now().toString(36)}`
  const secrets = [`bot-token-of-${marker}`, `credential-of-${marker}`, `provider-key-of-${marker}`]
  const post = async (path: string, body: unknown) => (await server.call('POST', path, { key, body })).body
  await buyEverything(server, account.id)

  const config = { instructions: `Say ${marker}.`, channels: { telegram: { botToken: secrets[0], name: marker } } }
  const { agent } = await post('/api/agents/provision', { name: `Clerk ${marker}`, config })
  const chat = (message: string) => post('/api/chat', { message, topic: marker, agentId: agent.id })
  const answered = await chat(`remember secret${marker} is value${marker}`)
  const failed = await chat(`calculate 1 + 1 for ${marker}`)
  await failTurn(server, failed.id)
  const synced = await post(`/api/agents/${agent.id}/sync`, {})
  await post('/api/agent', { action: 'set-credential', agentId: agent.id, key: 'anthropic', value: secrets[1] })
  await server.call('PATCH', '/api/settings', { key, body: { name: `Owner ${marker}`, notifications: { [marker]: true } } })
  await installSkill(server, account.id, agent.id, marker)
  await server.trpc({ cookie }).ai.setProviderKey.mutate({ provider: 'openai', apiKey: secrets[2]! })
  const task = { name: `Task ${marker}`, cronSchedule: '0 0 1 1 *', prompt: `Say ${marker}.`, agentId: agent.id }
  const { id: taskId } = await post('/api/scheduled-tasks', task)
  const cronJob = { name: `Job ${marker}`, schedule: { kind: 'cron', expr: '0 0 1 1 *' }, payload: { text: marker }, agentId: agent.id }
  const { jobId: cronJobId } = await post('/api/cron', cronJob)
  await post('/api/heartbeat', { agentId: agent.id, frequency: '12h' })
  const jobId = await storeJob(server, account.id, agent.id, taskId, marker)
  const passkey = await verifyByPasskey(server, account, agent.id)
  const content = Buffer.from(`Berths of ${marker}.`).toString('base64')
  const { file } = await post('/api/files', { agentId: agent.id, filename: `${marker}.txt`, content })
  const paymentSessionId = await openPaymentSession(server, account)
  await post('/api/wallet', { action: 'create' })
  const { keys } = (await server.call('GET', '/api/keys', { cookie })).body
  const owner = {
    ...account,
    ...(await seedTeam(server, account, marker)),
    agentId: agent.id,
    instanceId: synced.gatewayId,
    sessionId: answered.sessionId,
    messageId: answered.id,
    failedMessageId: failed.id,
    keyId: keys[0].id,
    fileId: file.id,
    taskId,
    cronJobId,
    jobId,
    paymentSessionId,
    ...(await seedWallet(server, account.id, agent.id)),
    mailId: (await waitForMails(server, account.email, 1))[0]!.id,
    voucher: await signVoucher(paymentSessionId),
    ...passkey,
    signInSessionId: await signInElsewhere(server, { ...account, id: userId }),
    exportId: await storeExport(server, account.id),
    ...(await storeSettlements(server, account, marker)),
    budgetId: await storeBudget(server, account.id),
    deletedWorkspaceId: await storeDeletedTeam(server, userId, `Team ${marker}`),
    marker,
    secrets,
  }
  await giveBackLeases(server, account.id)
  return owner
}

/** What an agent may spend, and a payment it may not make without being asked. */
async function seedWallet(server: TestServer, accountId: string, agentId: string) {
  const walletPolicyId = newId('walletPolicy')
  const { system } = server.platform.databases
  await system.insertInto('walletPolicies').values({ id: walletPolicyId, accountId, agentId, perDayUnits: 5_000_000 }).execute()
  const own = system.selectFrom('wallets').where('accountId', '=', accountId).where('kind', '=', 'own')
  const { address } = await own.select('address').executeTakeFirstOrThrow()
  const topUp = { sessionId: `cs_top_up_${accountId}`, accountId, address, creditedMicroUsd: 10_000_000 }
  await system.insertInto('walletTopUps').values(topUp).execute()
  return { walletPolicyId, walletSendId: await storeWaitingSend(server, accountId), ownWallet: address }
}

/** A payment from the wallet that waits for an owner. @returns its id. */
export async function storeWaitingSend({ platform }: TestServer, accountId: string): Promise<string> {
  const { system } = platform.databases
  const wallet = await system
    .selectFrom('wallets')
    .where('accountId', '=', accountId)
    .where('kind', '=', 'own')
    .select('id')
    .executeTakeFirstOrThrow()
  const id = newId('walletSend')
  const about = {
    requestedBy: accountId,
    recipient: `0x${'11'.repeat(20)}`,
    amountUnits: 2_500_000,
    state: 'waiting',
    reason: 'made to wait',
  }
  await system
    .insertInto('walletSends')
    .values({ ...about, id, accountId, walletId: wallet.id })
    .execute()
  return id
}

/** Has a split wait for an owner, since somebody wished for more than policies allow. */
export async function storeAskedSplit({ platform }: TestServer, splitId: string, { id: askedBy }: { id: string }): Promise<void> {
  const asked = { approval: 'waiting', approvalReason: 'made to wait', askedAt: new Date().toISOString(), askedBy }
  await platform.databases.system.updateTable('splits').set(asked).where('id', '=', splitId).execute()
}

/** A team with another member, and somebody who is invited to it. */
export async function seedTeam(server: TestServer, account: TestAccount, marker: string) {
  const workspaceId = await createTeam(server, account, `Team ${marker}`)
  const member = await joinTeam(server, workspaceId, { cookie: account.cookie })
  const { id, token } = await invite(server, workspaceId, { cookie: account.cookie }, `guest-${workspaceId}@example.org`)
  return { workspaceId, memberId: member.id, invitationId: id, invitationToken: token }
}

/** @returns the id of the session. */
export async function signInElsewhere({ platform, trpc }: TestServer, { id, cookie }: TestAccount): Promise<string> {
  await startSession(platform, id, { method: 'password', secondFactor: false, ip: '203.0.113.7', userAgent: null })
  const sessions = await trpc({ cookie }).sessions.list.query({})
  return sessions.find(({ ip }) => ip === '203.0.113.7')!.id
}

/** A passkey, the agent verified by it, and what is needed for another passkey and another verification. */
async function verifyByPasskey(server: TestServer, account: TestAccount, agentId: string) {
  const { passkeys } = server.trpc({ cookie: account.cookie })
  const authenticator = await registerPasskey(server, account)
  const body = await prepareVerification(server, account, agentId, authenticator)
  await server.call('POST', `/api/agents/${agentId}/verify`, { cookie: account.cookie, body })
  const [passkey] = await passkeys.list.query({})
  return {
    authenticator,
    passkeyId: passkey!.id,
    passkeyRegistration: await prepareRegistration(server, account),
    verification: await prepareVerification(server, account, agentId, authenticator),
  }
}

/** Makes a message one that got no answer. */
export async function failTurn({ platform }: TestServer, messageId: string): Promise<void> {
  const { system } = platform.databases
  await system.deleteFrom('messages').where('replyTo', '=', messageId).execute()
  await system.updateTable('agentTurns').set({ status: 'failed', error: 'made to fail' }).where('messageId', '=', messageId).execute()
}

/** This version has no call that installs a skill, only calls that list and switch them. */
async function installSkill({ platform }: TestServer, accountId: string, agentId: string, marker: string): Promise<void> {
  await platform.databases.system
    .insertInto('agentSkills')
    .values({ accountId, agentId, skillId: 'venue-finder', name: 'Venue finder', description: `Finds ${marker}.` })
    .execute()
}

/** A message that was answered in the background, and a run of a task: as they are when they have ended. @returns the id of the first. */
async function storeJob({ platform }: TestServer, accountId: string, agentId: string, scheduleId: string, marker: string): Promise<string> {
  const endedAt = new Date().toISOString()
  const job = {
    accountId,
    agentId,
    status: 'completed',
    attempts: 1,
    maxAttempts: 3,
    runAt: endedAt,
    startedAt: endedAt,
    completedAt: endedAt,
  }
  const result = JSON.stringify({ reply: `Said ${marker}.` })
  const ids = { job: newId('job'), run: newId('job') }
  await platform.databases.system
    .insertInto('jobs')
    .values([
      { ...job, id: ids.job, type: 'gateway_chat_completion', result },
      { ...job, id: ids.run, type: 'scheduled_run', result, scheduleId, scheduledFor: endedAt },
    ])
    .execute()
  return ids.job
}

/** An export that is ready; nobody reads its archive. @returns its id. */
async function storeExport({ platform }: TestServer, accountId: string): Promise<string> {
  const id = newId('export')
  const path = join(platform.env.DATA_DIR, `archive-${id}`)
  const bytes = Buffer.alloc(1000)
  await writeFile(path, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await fileStoreOf(platform).keep(`${accountId}/${id}`, { path, size: bytes.length, sha256 })
  const now = new Date()
  await platform.databases.system
    .insertInto('workspaceExports')
    .values({
      id,
      accountId,
      status: 'ready',
      storageKey: `${accountId}/${id}`,
      size: bytes.length,
      sha256,
      endedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + 86_400_000).toISOString(),
    })
    .execute()
  return id
}

/** A budget that is hard to use up, of which people were told all the same. @returns its id. */
export async function storeBudget({ platform }: TestServer, accountId: string): Promise<string> {
  const { system } = platform.databases
  const id = newId('budget')
  const budget = { id, accountId, kind: 'workspace', ownerId: accountId, unit: 'tokens', period: 'month', cap: 1_000_000_000 }
  await system.insertInto('budgets').values(budget).execute()
  const startsAt = new Date(Date.UTC(2026, 0, 1)).toISOString()
  const endsAt = new Date(Date.UTC(2026, 1, 1)).toISOString()
  await system
    .insertInto('budgetPeriods')
    .values({ budgetId: id, accountId, startsAt, endsAt, cap: 1_000_000_000, spent: 900_000_000 })
    .execute()
  await system.insertInto('budgetNotices').values({ budgetId: id, accountId, startsAt, percent: 80, toldAt: endsAt }).execute()
  return id
}

/** A team that is one person's alone. @returns its id. */
export async function storeTeam({ platform }: TestServer, userId: string, name: string): Promise<string> {
  const { system } = platform.databases
  const id = newId('workspace')
  await system
    .insertInto('accounts')
    .values({ id, kind: 'team', name, referralCode: id.slice(-12).toUpperCase() })
    .execute()
  await system.insertInto('memberships').values({ accountId: id, userId, role: 'owner' }).execute()
  return id
}

/** One that was deleted a moment ago. @returns its id. */
export async function storeDeletedTeam(server: TestServer, userId: string, name: string): Promise<string> {
  const id = await storeTeam(server, userId, name)
  await server.platform.databases.system.updateTable('accounts').set({ deletedAt: new Date().toISOString() }).where('id', '=', id).execute()
  return id
}

/** A booking to which something was paid, a rule and a split of royalties. */
async function storeSettlements({ call, platform }: TestServer, { id: accountId, key }: TestAccount, marker: string) {
  const address = `0x${'5'.repeat(40)}`
  const share = { recipientAddress: address, percentage: 100, name: `Payee ${marker}` }
  const settle = async (body: object) => (await call('POST', '/api/skills/booking-settlement', { key, body })).body
  const split = async (body: object) => (await call('POST', '/api/skills/instant-split', { key, body })).body
  const booking = { venue: `Venue ${marker}`, date: '2026-07-18', guarantee: 400, splitRules: [{ ...share, role: 'artist' }] }
  const bookingId: string = (await settle({ action: 'create', booking })).booking.id
  const splitRuleId: string = (await split({ action: 'create_split_rule', splits: share })).rule.id
  const create = { action: 'create_split', amount: '75000000', release: `Song ${marker}`, ruleIds: [splitRuleId] }
  const splitId: string = (await split(create)).split.id
  const owned = { accountId, bookingId }
  const { system } = platform.databases
  const hash = createHash('sha256').update(marker).digest('hex')
  const transfer = { chainId: 8453, txHash: `0x${hash}`, logIndex: 0 }
  await system
    .insertInto('bookingDeposits')
    .values({ ...owned, ...transfer, sender: address, units: 5, blockNumber: 1, isLate: false })
    .execute()
  await bookDeposit(system, accountId as AccountId, bookingId, { ...transfer, units: 5n as TokenUnits })
  const payout = { position: 0, kind: 'share', name: marker, address, units: 0, skippedBecause: 'nothing is due' }
  await system
    .insertInto('settlementPayouts')
    .values({ ...payout, ...owned, id: newId('payout') })
    .execute()
  return { bookingId, splitId, splitRuleId }
}

/** The biggest plan, with its subscription and the checkout it was bought at. */
async function buyEverything(server: TestServer, accountId: string): Promise<void> {
  const { system } = server.platform.databases
  const suffix = accountId.split('_').at(-1)!
  const [now, later] = [new Date().toISOString(), new Date(Date.now() + 30 * 86_400_000).toISOString()]
  const subscription = { id: `sub_${suffix}`, purpose: 'plan', plan: 'network', status: 'active', customerId: `cus_${suffix}` }
  await system
    .insertInto('subscriptions')
    .values({ ...subscription, accountId, startedAt: now, periodStartedAt: now, periodEndsAt: later })
    .execute()
  const checkout = { id: `cs_${suffix}`, purpose: 'plan', plan: 'network', status: 'complete', expiresAt: later }
  await system
    .insertInto('checkouts')
    .values({ ...checkout, accountId })
    .execute()
  await setAccount(server, accountId, { plan: 'network', subscriptionStatus: 'active' })
}

/** A payment session with one charge, paid from a balance of which something is also held. */
async function openPaymentSession(server: TestServer, { id, key }: TestAccount): Promise<string> {
  await payIn(server.platform, id, 20_000_000)
  await reserveCredits(server.platform, id as AccountId, 1_000_000, 'a call that still runs')
  const body = { address: wallet.address, deposit: '10.00' }
  const { session } = (await server.call('POST', '/api/wallet/sessions', { key, body })).body
  await server.call('POST', '/api/wallet/sessions/voucher', { body: await signVoucher(session.id) })
  return session.id
}
