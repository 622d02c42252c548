import { describe, expect, test } from 'vitest'
import { writeSignInMessage, type SignInMessageParts } from '../../../tests/helpers/siwe.ts'
import { parseSignInMessage } from './siwe.ts'
import { checkSignInMessage } from './siwe.rules.ts'

const wallet = '0x52908400098527886E0F7030069857D2E4169EE7'
const appUrl = 'http://localhost:3000'

const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString()
const read = async (parts: SignInMessageParts, url = appUrl) =>
  checkSignInMessage(await parseSignInMessage(writeSignInMessage(wallet, parts)), url, Date.now())

test('a message for this server says which wallet, on which chain, with which nonce', async () => {
  expect(await read({ chainId: 8453, nonce: 'k3v9q2m7xp' })).toEqual({ address: wallet, chainId: 8453, nonce: 'k3v9q2m7xp' })
})

test('it may name the scheme of this server, and any path of its', async () => {
  expect(await read({ scheme: 'http', uri: 'http://localhost:3000/login?next=/agents' })).toMatchObject({ address: wallet })
  expect(await read({ domain: 'agents.example.org', uri: 'https://agents.example.org' }, 'https://agents.example.org')).toMatchObject({
    chainId: 1,
  })
})

describe('a message is refused', () => {
  test.each<[string, SignInMessageParts, RegExp]>([
    ['for another host', { domain: 'evil.example.net' }, /for evil\.example\.net/],
    ['for another port', { domain: 'localhost:3001' }, /for localhost:3001/],
    ['that puts this host before another', { domain: 'localhost:3000@evil.example.net' }, /localhost:3000@evil/],
    ['that puts something before this host', { domain: 'evil.example.net@localhost:3000' }, /evil/],
    ['of another scheme', { scheme: 'https' }, /https:\/\//],
    ['with the URI of another host', { uri: 'http://evil.example.net' }, /URI/],
    ['with the URI of another scheme', { uri: 'https://localhost:3000' }, /URI/],
    ['with an URI that has no host', { uri: 'did:key:z6Mk' }, /URI/],
    ['of a chain that is not known', { chainId: 137 }, /chain 137/],
    ['of no chain', { chainId: 0 }, /chain 0/],
    ['that never expires', { expirationTime: null }, /never expires/],
    ['that has expired', { issuedAt: minutes(-6), expirationTime: minutes(-1) }, /expired/],
    ['from the future', { issuedAt: minutes(3), expirationTime: minutes(8) }, /future/],
    ['that is good for too long', { expirationTime: minutes(11) }, /longer than 10 minutes/],
    ['that was issued long ago and is still good', { issuedAt: minutes(-9), expirationTime: minutes(2) }, /longer than 10 minutes/],
    ['that is not good yet', { tail: `\nNot Before: ${minutes(1)}` }, /not good yet/],
  ])('%s', async (_what, parts, reason) => {
    await expect(read(parts)).rejects.toThrow(reason)
  })
})

describe('a text is no message', () => {
  const good = writeSignInMessage(wallet)
  test.each([
    ['the documented example of a text that names a nonce', 'app.example.net wants you to sign in\n\nNonce: 8Zk2pQ0aLm'],
    ['with a second nonce', good.replace('Nonce: ', 'Nonce: aaaaaaaa1\nNonce: ')],
    ['with a line of its own', good.replace('URI: ', 'Admin: yes\nURI: ')],
    ['with a line end at its end', `${good}\n`],
    ['with line ends of Windows', good.replaceAll('\n', '\r\n')],
    ['of another version', good.replace('Version: 1', 'Version: 2')],
    ['without a nonce', good.replace(/Nonce: .*\n/, '')],
    ['with a short nonce', good.replace(/Nonce: .*/, 'Nonce: abc')],
    ['with a date that does not exist', good.replace(/Issued At: .*/, 'Issued At: 2026-02-30T00:00:00Z')],
    ['with a time that is none', good.replace(/Expiration Time: .*/, 'Expiration Time: soon')],
    ['with an address without its checksum', good.replace(wallet, wallet.toLowerCase())],
    ['with a chain id that is no number', good.replace('Chain ID: 1', 'Chain ID: 1e0')],
  ])('%s', async (_what, text) => {
    await expect(parseSignInMessage(text)).rejects.toThrow(/message: expected a sign-in message/)
  })
})
