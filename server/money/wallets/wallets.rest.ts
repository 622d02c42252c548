import { z } from 'zod'
import { Forbidden, type AppError } from '#server/platform/core/index.ts'
import { bind, type ActionBindings } from '#server/platform/operations/index.ts'
import * as contract from './wallets.contract.ts'
import { wallet } from './wallets.operations.ts'
import * as sends from './sends.contract.ts'

const tag = 'wallet'
const Shown = z.union([contract.AddressBalances, contract.WalletAnswer.shape.provider.unwrap(), contract.OwnWallet])
const Created = z.union([contract.WalletInfo, contract.WalletCreated])

class SeedsStay extends Forbidden {
  constructor() {
    super('SEED_NOT_EXPORTED', 'Keys and seeds stay on the server; nobody is ever shown one.')
  }
}

const create = bind({ id: 'createWallet', tag, operation: wallet.create })
const info = bind({ id: 'getWalletInfo', tag, operation: wallet.info, input: () => ({}), errors: [404] })

const byAction: ActionBindings = {
  from: 'body',
  fallback: '',
  actions: {
    create,
    info,
    get_seed: info,
  },
  refusals: { export_seed: () => new SeedsStay() },
  document: {
    id: 'actOnWallet',
    tag,
    summary: 'Create a wallet or look at yours',
    description: '`info` and `get_seed` give the same answer; keys and seeds are never shown. `export_seed` is always refused.',
    body: z.object({ action: z.enum(['create', 'info', 'get_seed', 'export_seed']).describe('What to do.') }),
    output: Created,
  },
}

/** Documented beside the usual error, for callers without a credential. */
const needsAuth = ({ kind }: AppError) => (kind === 'unauthenticated' ? { authenticated: false, needsAuth: true } : {})

export const walletsRest = {
  show: bind({
    id: 'getWallet',
    tag,
    operation: wallet.show,
    output: Shown,
    body: ({ balances, provider, wallet: own }) => balances ?? provider ?? own,
    errors: [401, 503],
  }),
  act: byAction,
  own: bind({ id: 'getOwnWallet', tag, operation: wallet.own }),
  address: bind({
    id: 'getWalletAddress',
    tag,
    operation: wallet.address,
    output: contract.WalletAddress.extend({ authenticated: z.literal(true) }),
    body: (address) => ({ authenticated: true, ...address }),
    writeError: (error) => ({ ...error.toBody(), ...needsAuth(error) }),
  }),
  createHosted: bind({
    id: 'createCdpWallet',
    tag,
    operation: wallet.createHosted,
    output: contract.HostedWallet.extend({ success: z.literal(true) }),
    body: (hosted) => ({ success: true, ...hosted }),
  }),
  hostedStatus: bind({ id: 'getCdpWalletStatus', tag, operation: wallet.hostedStatus }),
  createClient: bind({
    id: 'createCdpWalletClient',
    tag,
    operation: wallet.createClient,
    output: contract.WalletClient.extend({ success: z.literal(true) }),
    body: (client) => ({ success: true, ...client }),
    errors: [409],
  }),
  transactions: bind({ id: 'listWalletTransactions', tag, operation: wallet.transactions, errors: [503] }),
  sends: bind({
    id: 'listWalletSends',
    tag,
    operation: wallet.sends,
    output: z.object({ sends: sends.WalletSendList }),
    body: (list) => ({ sends: list }),
  }),
  send: bind({
    id: 'sendFromWallet',
    tag,
    operation: wallet.send,
    status: 201,
    statusOf: ({ state }) => (state === 'waiting' ? 202 : 201),
    document: { otherStatuses: { 202: sends.WalletSend } },
    errors: [402, 404, 503],
  }),
  previewSend: bind({ id: 'previewWalletSend', tag, operation: wallet.previewSend, errors: [404, 503] }),
  getSend: bind({ id: 'getWalletSend', tag, operation: wallet.getSend, params: { id: 'sendId' }, errors: [404] }),
  approve: bind({ id: 'approveWalletSend', tag, operation: wallet.approveSend, params: { id: 'sendId' }, errors: [403, 404, 409, 503] }),
  decline: bind({ id: 'declineWalletSend', tag, operation: wallet.declineSend, params: { id: 'sendId' }, errors: [404, 409] }),
  policies: bind({
    id: 'listWalletPolicies',
    tag,
    operation: wallet.policies,
    output: z.object({ policies: sends.WalletPolicyList }),
    body: (list) => ({ policies: list }),
  }),
  setPolicy: bind({ id: 'setWalletPolicy', tag, operation: wallet.setPolicy, errors: [403, 404] }),
  removePolicy: bind({ id: 'removeWalletPolicy', tag, operation: wallet.removePolicy, params: { id: 'policyId' }, errors: [403, 404] }),
}
