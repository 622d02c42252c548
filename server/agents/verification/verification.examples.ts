import { exampleIds } from '#server/platform/operations/index.ts'

const agent = { agentId: exampleIds.agent } as const
const challenge = '0x2665c82fdcd839fc38947689b813c8f38ecbb23f0b244f09865e9c60976d54c9'
const verifiedAt = '2026-03-02T06:40:00.000Z'
const attestationUid = 'webauthn:Q7WEv1Dhpo8lhGVG8FJ5fql5FIN81Jl7T_zIqUIOtfI'

export const examples = {
  get: {
    input: agent,
    output: {
      verified: true,
      verificationType: 'webauthn',
      attestationUid,
      verifierAddress: null,
      verifiedAt,
      metadata: { passkey: 'Desk key' },
    },
  },
  start: {
    input: { ...agent, verificationType: 'ens' },
    output: {
      challenge,
      message: `I prove that this wallet is mine, to verify an agent.\nAgent: ${exampleIds.agent}\nVerification: ens\nChallenge: ${challenge}`,
      options: null,
      expiresAt: '2026-03-02T06:45:00.000Z',
    },
  },
  verify: {
    input: {
      ...agent,
      verificationType: 'webauthn',
      signature: '{"id":"Q7WEv1Dhpo8lhGVG8FJ5fql5FIN81Jl7T_zIqUIOtfI","type":"public-key","response":{}}',
    },
    output: { success: true, verified: true, verificationType: 'webauthn', attestationUid, verifiedAt },
  },
  remove: { input: agent, output: { success: true } },
} as const
