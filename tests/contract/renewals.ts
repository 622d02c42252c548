import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { issueOneTimeToken } from '../../server/identity/auth/index.ts'
import { newId } from '../../server/platform/core/ids.ts'
import type { Operation } from '../../server/platform/operations/operation.ts'
import { prepareRegistration, prepareVerification, registerPasskey } from '../helpers/passkeys.ts'
import { callIn, createTeam, invite, sessionIn } from '../helpers/teams.ts'
import type { TestServer } from '../helpers/test-server.ts'
import { prepareWalletLink, prepareWalletSignIn } from '../helpers/wallets.ts'
import { prepareGitHubSignIn } from '../helpers/oauth.ts'
import { addSecondFactor, AuthenticatorApp } from '../helpers/totp.ts'
import { gitHubOf, signFidToken, stripeOf } from './contract-server.ts'
import {
  failTurn,
  seedTeam,
  signInElsewhere,
  storeAskedSplit,
  storeBudget,
  storeDeletedTeam,
  storeTeam,
  storeWaitingSend,
  type Owner,
} from './fixtures.ts'
import { signVoucher, wallet } from './wallet.ts'

type Renewal = (server: TestServer, owner: Owner) => Promise<Partial<Owner>>

const post = async (server: TestServer, { key }: Owner, path: string, body: unknown) =>
  (await server.call('POST', path, { key, body })).body

const newAgent: Renewal = async (server, owner) => {
  const { agent } = await post(server, owner, '/api/agents/provision', { name: 'Passing clerk' })
  const { gatewayId } = await post(server, owner, `/api/agents/${agent.id}/sync`, {})
  return { agentId: agent.id, instanceId: gatewayId }
}

const newFailedMessage: Renewal = async (server, owner) => {
  const { id } = await post(server, owner, '/api/chat', { message: 'calculate 1 + 1', agentId: owner.agentId })
  await failTurn(server, id)
  return { failedMessageId: id }
}

/** Somebody nobody else needs. */
const newPerson: Renewal = async (server) => ({ id: (await server.createAccount()).id })

/** Of a type that no worker knows, so that none takes it once it is tried again. */
const failedJob: Renewal = async ({ platform }, { id: accountId }) => {
  const jobId = newId('job')
  const job = { id: jobId, accountId, type: 'nothing-does-this', status: 'failed', payload: '{}', maxAttempts: 3 }
  await platform.databases.system
    .insertInto('jobs')
    .values({ ...job, runAt: new Date().toISOString() })
    .execute()
  return { jobId }
}

/** A booking that costs nothing, so that no chain is needed to pay for it, with an address to pay to. */
const newEscrow: Renewal = async (server, owner) => {
  const splitRules = [{ recipientAddress: wallet.address, percentage: 100, role: 'artist', name: 'Passing' }]
  const settle = (body: object) => post(server, owner, '/api/skills/booking-settlement', body)
  const { id: bookingId } = (
    await settle({ action: 'create', booking: { venue: 'Passing', date: '2026-07-18', guarantee: 0, splitRules } })
  ).booking
  await settle({ action: 'create_escrow', bookingId })
  return { bookingId }
}

const newSplit: Renewal = async (server, owner) => {
  const split = { action: 'create_split', amount: '75000000', release: 'Passing', ruleIds: [owner.splitRuleId] }
  return { splitId: (await post(server, owner, '/api/skills/instant-split', split)).split.id }
}

/** A split that an owner is asked about. */
const newWaitingSplit: Renewal = async (server, owner) => {
  const { splitId } = await newSplit(server, owner)
  await storeAskedSplit(server, splitId!, owner)
  return { splitId: splitId! }
}

const openSession: Renewal = async (server, owner) => {
  const { session } = await post(server, owner, '/api/wallet/sessions', { address: wallet.address, deposit: '10.00' })
  return { paymentSessionId: session.id, voucher: await signVoucher(session.id) }
}

/** A team of the owner with somebody else in it, and a session that has chosen it. */
const newTeam: Renewal = async (server, owner) => {
  const team = await seedTeam(server, owner, owner.marker)
  return { ...team, cookie: await sessionIn(server, owner, team.workspaceId) }
}

/** The same where both own it, so that either can go. */
const newTeamOfTwo: Renewal = async (server, owner) => {
  const team = await newTeam(server, owner)
  const path = `/api/workspaces/current/members/${team.memberId}`
  await callIn(server, team.workspaceId!, 'PATCH', path, { cookie: owner.cookie }, { role: 'owner' })
  return team
}

/** Somebody else's team has invited the owner. */
const newInvitation: Renewal = async (server, { email }) => {
  const { cookie } = await server.createAccount()
  const workspaceId = await createTeam(server, { cookie })
  return { invitationToken: (await invite(server, workspaceId, { cookie }, email)).token }
}

/** Somebody who is asked for codes, so that the owner of everything else is not. */
const newPersonWithApp: Renewal = async (server) => {
  const account = await server.createAccount()
  const { app } = await addSecondFactor(server, account)
  return { ...account, secondFactorCode: app.code() }
}

/** Somebody who has no plan. */
const newBuyer: Renewal = (server) => server.createAccount()

/** Somebody who has just paid for a plan at Stripe, of which this server has not heard. */
const newPayer: Renewal = async (server) => {
  const account = await server.createAccount()
  const { url } = await server.trpc({ cookie: account.cookie }).checkout.buyPlan.mutate({ plan: 'label' })
  return { ...account, checkoutId: stripeOf(server).pay(url).id }
}

/** Somebody whose plan has begun. */
const newSubscriber: Renewal = async (server) => {
  const { cookie, checkoutId, ...account } = (await newPayer(server, {} as Owner)) as Owner
  await server.trpc({ cookie }).checkout.verify.mutate({ session_id: checkoutId! })
  return { ...account, cookie }
}

/** A key nobody calls with; the one before it goes, since an account has only so many. */
const newKey: Renewal = async (server, { cookie }) => {
  const name = 'passing'
  const { keys } = (await server.call('GET', '/api/keys', { cookie })).body as { keys: { id: string; name: string }[] }
  for (const key of keys.filter((one) => one.name === name)) await server.call('DELETE', `/api/keys/${key.id}`, { cookie })
  return { keyId: (await server.call('POST', '/api/keys', { cookie, body: { name } })).body.id }
}

/** Somebody whose only session is in a team that is theirs alone; `proofs` says its name. */
const newTeamOwner: Renewal = async (server) => {
  const { id, cookie } = await server.createAccount()
  const accountId = await storeTeam(server, id, 'Passing team')
  await server.platform.databases.system.updateTable('sessions').set({ accountId }).where('userId', '=', id).execute()
  return { cookie }
}

/** Somebody who deleted their account a moment ago. */
const newDeletedUser: Renewal = async (server) => {
  const { cookie } = await server.createAccount()
  const { restoreToken } = await server.trpc({ cookie }).users.delete.mutate({ confirm: true })
  return { restoreToken }
}

/** A new account, with the token of a link that was mailed to it. */
async function withLink(server: TestServer, purpose: string): Promise<Partial<Owner>> {
  const account = await server.createAccount()
  const { system } = server.platform.databases
  const linkToken = await issueOneTimeToken(system, { purpose, userId: account.id, data: { email: account.email }, seconds: 60 })
  return { ...account, linkToken }
}

/** What Stripe sends when somebody has paid. */
const newDelivery: Renewal = async (server) => {
  const { cookie } = (await newPayer(server, {} as Owner)) as Owner
  const stripe = stripeOf(server)
  const payload = JSON.stringify(stripe.newest('checkout.session.completed'))
  return { cookie, stripeDelivery: { payload, signature: stripe.sign(payload) } }
}

const newWaitingSend: Renewal = async (server, { id }) => ({ walletSendId: await storeWaitingSend(server, id) })

async function setPolicy(server: TestServer, { cookie, agentId }: Owner): Promise<string> {
  const limits = { perTransfer: '5.00', perDay: null, approvalAbove: null, allowedRecipients: null }
  return (await server.call('PUT', '/api/wallet/policies', { cookie, body: { agentId, ...limits } })).body.id
}

/** What a call uses up of its owner, by the operation: made anew, so that one owner serves for all calls. */
const renewals: Record<string, Renewal> = {
  'accounts.signOut': async (server, { email, password }) => {
    const { headers } = await server.call('POST', '/api/auth/login', { body: { email, password } })
    return { cookie: headers.get('set-cookie')!.split(';')[0]! }
  },
  'admin.suspendPerson': newPerson,
  'admin.signOutPerson': newPerson,
  'admin.suspendWorkspace': newPerson,
  'admin.setPlan': newPerson,
  'admin.retryJob': failedJob,
  'agents.delete': newAgent,
  'agents.stop': newAgent,
  'instances.stop': newAgent,
  'ai.removeProviderKey': async (server, { cookie, secrets }) => {
    await server.trpc({ cookie }).ai.setProviderKey.mutate({ provider: 'openai', apiKey: secrets[2]! })
    return {}
  },
  'chat.retry': newFailedMessage,
  'chat.streamRetry': newFailedMessage,
  'checkout.buyPlan': newBuyer,
  'checkout.verify': newPayer,
  'checkout.visit': newBuyer,
  'checkout.visitCredits': async (server) => ({ creditPrice: server.platform.env.STRIPE_CREDIT_PRICES[0]! }),
  'subscriptions.change': newSubscriber,
  'exports.create': async (server, { id, exportId }) => {
    await server.platform.databases.system.deleteFrom('workspaceExports').where('accountId', '=', id).where('id', '<>', exportId).execute()
    return {}
  },
  'bookings.refund': newEscrow,
  'bookings.release': newEscrow,
  'splits.execute': newSplit,
  'splits.approve': newWaitingSplit,
  'splits.decline': newWaitingSplit,
  'budgets.remove': async (server, { id }) => {
    // Of one kind there is only one.
    await server.platform.databases.system.deleteFrom('budgets').where('accountId', '=', id).execute()
    return { budgetId: await storeBudget(server, id) }
  },
  'files.delete': async (server, owner) => {
    const body = { agentId: owner.agentId, filename: 'passing.txt', content: 'aG91cg==' }
    return { fileId: (await post(server, owner, '/api/files', body)).file.id }
  },
  'keys.delete': newKey,
  'keys.rotate': newKey,
  'keys.update': newKey,
  'farcaster.verify': async (server) => ({ fidToken: await signFidToken(server) }),
  'farcaster.refresh': async (server) => {
    const { body } = await server.call('POST', '/api/auth/farcaster/verify', { body: { fidToken: await signFidToken(server) } })
    return { farcasterSession: body.sessionToken }
  },
  'identities.unlink': async (server, owner) => {
    const wallet = privateKeyToAccount(generatePrivateKey())
    const body = await prepareWalletLink(server, owner, wallet)
    await server.call('POST', '/api/auth/wallets', { cookie: owner.cookie, body })
    return { walletAddress: wallet.address }
  },
  'invitations.accept': newInvitation,
  'invitations.create': newTeam,
  'invitations.resend': newTeam,
  'invitations.revoke': newTeam,
  'members.changeRole': newTeam,
  'members.leave': newTeamOfTwo,
  'members.remove': newTeam,
  'members.transferOwnership': newTeam,
  'mailbox.resetPassword': (server) => withLink(server, 'reset-password'),
  'mailbox.sendVerification': (server) => server.createAccount(),
  'mailbox.verify': (server) => withLink(server, 'verify-email'),
  'memory.delete': async (server, owner) => {
    await post(server, owner, '/api/memory', { agentId: owner.agentId, key: `secret${owner.marker}`, memory: `value${owner.marker}` })
    return {}
  },
  'oauth.finish': async (server) => ({ oauthAnswer: await prepareGitHubSignIn(server, gitHubOf(server)) }),
  'passkeys.register': async (server, owner) => ({ passkeyRegistration: await prepareRegistration(server, owner) }),
  'passkeys.remove': async (server, owner) => {
    await registerPasskey(server, owner)
    const passkeys = await server.trpc({ cookie: owner.cookie }).passkeys.list.query({})
    return { passkeyId: passkeys.at(-1)!.id }
  },
  'passkeys.signIn': async (server, owner) => {
    const { options, challenge } = (await server.call('POST', '/api/passkey/auth/options', { body: {} })).body
    return { passkeySignIn: { response: JSON.parse(owner.authenticator.get(options)), challenge } }
  },
  'payments.closeSession': openSession,
  'payments.submitVoucher': openSession,
  'schedules.deleteTask': async (server, owner) => {
    const body = { name: 'Passing', cronSchedule: '0 0 1 1 *', prompt: 'calculate 1 + 1', agentId: owner.agentId }
    return { taskId: (await post(server, owner, '/api/scheduled-tasks', body)).id }
  },
  'schedules.deleteCronJob': async (server, owner) => {
    const body = { name: 'Passing', schedule: { kind: 'cron', expr: '0 0 1 1 *' }, payload: { text: 'help' }, agentId: owner.agentId }
    return { cronJobId: (await post(server, owner, '/api/cron', body)).jobId }
  },
  'secondFactor.activate': async (server) => {
    const account = await server.createAccount()
    const { secret } = await server.trpc({ cookie: account.cookie }).secondFactor.begin.mutate({})
    return { ...account, secondFactorCode: new AuthenticatorApp(secret).code() }
  },
  'secondFactor.complete': async (server, owner) => {
    const person = (await newPersonWithApp(server, owner)) as Owner
    const { email, password } = person
    const { body } = await server.call('POST', '/api/auth/login', { body: { email, password } })
    return { ...person, secondFactorTicket: body.ticket }
  },
  'secondFactor.disable': newPersonWithApp,
  'secondFactor.renewRecoveryCodes': newPersonWithApp,
  'stripeWebhooks.receive': newDelivery,
  'topUps.receive': newDelivery,
  'sessions.end': async (server, owner) => ({ signInSessionId: await signInElsewhere(server, owner) }),
  // All of the owner's would end, that of later calls too.
  'sessions.endAll': (server) => server.createAccount(),
  'users.delete': async (server) => ({ cookie: (await server.createAccount()).cookie }),
  'users.restore': newDeletedUser,
  'workspaces.delete': newTeamOwner,
  'workspaces.restore': async (server, { id }) => ({ deletedWorkspaceId: await storeDeletedTeam(server, id, 'Passing') }),
  'verification.verify': async (server, owner) => ({
    verification: await prepareVerification(server, owner, owner.agentId, owner.authenticator),
  }),
  'wallets.link': async (server, owner) => ({
    walletMessage: await prepareWalletLink(server, owner, privateKeyToAccount(generatePrivateKey())),
  }),
  'wallets.signIn': async (server) => ({ walletMessage: await prepareWalletSignIn(server, privateKeyToAccount(generatePrivateKey())) }),
  'wallet.create': async (server) => server.createAccount(),
  'wallet.createClient': async (server) => server.createAccount(),
  'wallet.approveSend': newWaitingSend,
  'wallet.declineSend': newWaitingSend,
  'wallet.removePolicy': async (server, owner) => ({ walletPolicyId: await setPolicy(server, owner) }),
  'workspaces.choose': async (server, owner) => ({ cookie: await sessionIn(server, owner) }),
  'workspaces.rename': newTeam,
  'workspaces.turnIntoTeam': (server) => server.createAccount(),
}

/** An owner for whom one more call of the operation succeeds, whatever calls came before. */
export const readyFor = async (server: TestServer, { name }: Operation, owner: Owner): Promise<Owner> => ({
  ...owner,
  ...(await renewals[name]?.(server, owner)),
})
