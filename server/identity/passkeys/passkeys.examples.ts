import { exampleIds } from '#server/platform/operations/index.ts'

const credentialId = 'Q7WEv1Dhpo8lhGVG8FJ5fql5FIN81Jl7T_zIqUIOtfI'
const challenge = '0xbfe8463fef7c96a045fc1feca6eb70fe1b3f5edfcc5010bddd9439b745af0279'

const passkey = {
  id: exampleIds.passkey,
  credentialId,
  label: 'Desk key',
  isSynced: false,
  createdAt: '2026-03-02T06:40:00.000Z',
  lastUsed: null,
} as const

export const examples = {
  list: { input: {}, output: [passkey] },
  startRegistration: {
    input: {},
    output: {
      options: {
        challenge: 'v-hGP-98lqBF_B_spuwdw_hs_Xt_MUBC93ZQ5t0WvAnk',
        rp: { name: 'Agentbot', id: 'agents.example.org' },
        user: { id: 'dXNyXzAxamR4M2s5dDhmMnY5dzdiMW41cTRoNnpj', name: 'ines@example.org', displayName: 'Ines Vale' },
        pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
        timeout: 300_000,
        attestation: 'none',
      },
      challenge,
    },
  },
  register: {
    input: {
      credential: {
        id: credentialId,
        rawId: credentialId,
        type: 'public-key',
        response: { clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0', attestationObject: 'o2NmbXRkbm9uZQ', transports: ['internal'] },
        clientExtensionResults: {},
      },
      challenge,
      label: passkey.label,
    },
    output: passkey,
  },
  rename: { input: { passkeyId: exampleIds.passkey, label: 'Travel key' }, output: { ...passkey, label: 'Travel key' } },
  startSignIn: {
    input: {},
    output: {
      options: {
        challenge: 'v-hGP-98lqBF_B_spuwdw_hs_Xt_MUBC93ZQ5t0WvAnk',
        rpId: 'agents.example.org',
        timeout: 300_000,
        userVerification: 'required',
      },
      challenge,
    },
  },
  signIn: {
    input: {
      response: {
        id: credentialId,
        rawId: credentialId,
        type: 'public-key',
        response: { clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0', authenticatorData: 'SZYN5YgOjGh0NBcP', signature: 'MEUCIQDx' },
        clientExtensionResults: {},
      },
      challenge,
    },
    output: { id: exampleIds.account, name: 'Ines Vale' },
  },
  remove: { input: { passkeyId: exampleIds.passkey }, output: { success: true } },
} as const
