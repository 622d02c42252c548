import { expect, test } from 'vitest'
import type { Attestation } from '#server/integrations/chains/index.ts'
import { findObjection, isUid, messageOf, toIso } from './verification.rules.ts'

const attester = '0x52908400098527886E0F7030069857D2E4169EE7'
const recipient = '0x8617E340B3D01FA5F11F306F4090FD50E238070D'
const schema = `0x${'ab'.repeat(32)}` as const
const attestation: Attestation = { uid: `0x${'11'.repeat(32)}`, schema, recipient, attester, expirationTime: 0n, revocationTime: 0n }
const demand = { attesters: [attester], schemas: [schema.toUpperCase().replace('0X', '0x')], recipient } as const
const NOW = 1_795_000_000_000

test('an attestation that is what it has to be counts', () => {
  expect(findObjection(attestation, demand, NOW)).toBeUndefined()
})

test('an attestation counts until the second it expires in', () => {
  const expiring = { ...attestation, expirationTime: 1_795_000_000n }
  expect(findObjection(expiring, demand, NOW - 1)).toBeUndefined()
  expect(findObjection(expiring, demand, NOW)).toBe('The attestation expired at 2026-11-18T11:06:40.000Z.')
})

test('without attesters or schemas that are accepted, none counts', () => {
  expect(findObjection(attestation, { ...demand, attesters: [] }, NOW)).toMatch(/attester/)
  expect(findObjection(attestation, { ...demand, schemas: [] }, NOW)).toMatch(/schema/)
})

test('a time beyond the year 9999 is its end', () => {
  expect(toIso(2n ** 64n - 1n)).toBe('9999-12-31T23:59:59.000Z')
})

test('a uid has 32 bytes', () => {
  expect([schema, `${schema}00`, schema.slice(0, -2), 'harbour', `0x${'zz'.repeat(32)}`].map(isUid)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})

test('the message names everything a signature is bound to', () => {
  const statement = {
    server: 'https://app.example.net',
    agentId: 'desk',
    type: 'ens',
    challenge: '0x1a',
    expiresAt: '2026-11-24T10:00:00.000Z',
  }
  const message = messageOf(statement)
  for (const part of Object.values(statement)) expect(message).toContain(part)
})
