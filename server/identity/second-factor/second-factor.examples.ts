import { exampleIds } from '#server/platform/operations/index.ts'

const code = '492039'

const recoveryCodes = [
  'MZXW-6YTB-OI2G-K3DJ',
  'NBSW-Y3DP-EB3W-64TM',
  'ORUG-KIDC-MFZG-EZLS',
  'PFXX-KIDI-MF3G-KIDC',
  'KRUG-S4ZA-NFZS-AYJA',
  'MJQX-GZJT-GIQG-S4ZA',
  'ONSW-G4TF-OQQG-C3TE',
  'NZXX-I2DJ-NZTS-A5DP',
  'ORUG-S3TH-EBUX-IIDJ',
  'MRXW-4J3U-EBVW-433X',
]

export const examples = {
  status: { input: {}, output: { isActive: true, activatedAt: '2026-03-02T06:40:00.000Z', recoveryCodesLeft: 9, isLocked: false } },
  begin: {
    input: {},
    output: {
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      uri: 'otpauth://totp/Agentbot%20agents.example.org:ines%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Agentbot%20agents.example.org',
      qrCode: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
    },
  },
  activate: { input: { code }, output: { recoveryCodes } },
  renewRecoveryCodes: { input: { code }, output: { recoveryCodes } },
  disable: { input: { code }, output: { success: true } },
  complete: {
    input: { ticket: 'q7Zd1xKwQ3T5a8cJmV0bR2yN4uL6hE9sF1gP7iO3kXo', code },
    output: { id: exampleIds.account, name: 'Ines Vale' },
  },
} as const
