import fc from 'fast-check'
import { verifyTypedData } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { recoverSigner, toChecksumAddress, voucherTypedData } from './voucher-signature.rules.ts'

const voucher = { sessionId: 'ses_7710fa3c', plugin: 'agent', amountMicroUsd: 50_000, nonce: 'n-0001' }
const wallet = privateKeyToAccount(generatePrivateKey())

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const vouchers = fc.record({ sessionId: text, plugin: text, amountMicroUsd: fc.nat(), nonce: text })

test('what a wallet signs is recognised as its own, as another implementation does', async () => {
  await fc.assert(
    fc.asyncProperty(vouchers, fc.constantFrom(4217, 42_431), async (signed, chainId) => {
      const typed = voucherTypedData(signed, chainId)
      const signature = await wallet.signTypedData(typed)
      expect(await verifyTypedData({ ...typed, address: wallet.address, signature })).toBe(true)
      expect(recoverSigner(signed, chainId, signature)).toBe(wallet.address.toLowerCase())
    }),
    { numRuns: 30 },
  )
})

test.each([
  ['another session', { sessionId: 'ses_7710fa3d' }],
  ['another plugin', { plugin: 'tts' }],
  ['another amount', { amountMicroUsd: 50_001 }],
  ['another nonce', { nonce: 'n-0002' }],
])('a signature for %s is not the wallet’s', async (_what, other) => {
  const signature = await wallet.signTypedData(voucherTypedData({ ...voucher, ...other }, 4217))
  expect(recoverSigner(voucher, 4217, signature)).not.toBe(wallet.address.toLowerCase())
})

test('a signature for another chain is not the wallet’s', async () => {
  const signature = await wallet.signTypedData(voucherTypedData(voucher, 42_431))
  expect(recoverSigner(voucher, 4217, signature)).not.toBe(wallet.address.toLowerCase())
})

test('both ways of writing which key signed are understood', async () => {
  const signature = await wallet.signTypedData(voucherTypedData(voucher, 4217))
  const last = signature.endsWith('1b') ? '00' : '01'
  expect(recoverSigner(voucher, 4217, signature.slice(0, -2) + last)).toBe(wallet.address.toLowerCase())
})

test.each([
  ['too short', '0x9ab4'],
  ['too long', `0x${'11'.repeat(66)}`],
  ['of zeros', `0x${'00'.repeat(65)}`],
  ['of numbers that are too large', `0x${'ff'.repeat(64)}1b`],
  ['with a last byte that means nothing', `0x${'11'.repeat(64)}05`],
])('a text that is %s is no signature', (_what, signature) => expect(recoverSigner(voucher, 4217, signature)).toBeUndefined())

test('addresses are written with capital letters that check them', () => {
  expect(toChecksumAddress('0x52908400098527886e0f7030069857d2e4169ee7')).toBe('0x52908400098527886E0F7030069857D2E4169EE7')
})
