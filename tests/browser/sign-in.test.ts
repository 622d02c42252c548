import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { CDPSession, Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporaryServer, type TemporaryServer } from '../../scripts/temporary-server.ts'
import { problemsOn, register, useBrowser, visit } from './browser.ts'

// Wallets and passkeys are of one address, so these tests have a server that knows its own.

const browser = useBrowser()

let server: TemporaryServer
let baseURL: string
beforeAll(async () => {
  const port = await freePort()
  baseURL = `http://localhost:${port}`
  server = await startTemporaryServer({ PORT: String(port), APP_URL: baseURL })
})
afterAll(() => server.stop())

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((ready) => probe.listen(0, '127.0.0.1', ready))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}

const ICON = 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>'

/** Gives a page a wallet, as an extension of the browser would: it introduces itself, and asks its holder here. */
async function installWallet(page: Page, { isWilling = true } = {}) {
  const account = privateKeyToAccount(generatePrivateKey())
  const seen: string[] = []
  await page.exposeFunction('askWallet', async (method: string, params: string[] = []) => {
    if (method === 'eth_requestAccounts') return { result: [account.address.toLowerCase()] }
    if (method === 'eth_chainId') return { result: '0x89' }
    if (method !== 'personal_sign') return { error: { code: 4200, message: `The wallet does not know ${method}.` } }
    if (!isWilling) return { error: { code: 4001, message: 'The user rejected the request.' } }
    const message = Buffer.from(params[0]!.slice(2), 'hex').toString()
    seen.push(message)
    return { result: await account.signMessage({ message }) }
  })
  await page.addInitScript((icon) => {
    const ask = (window as unknown as { askWallet(method: string, params?: unknown): Promise<{ result?: unknown; error?: object }> })
      .askWallet
    const provider = {
      async request({ method, params }: { method: string; params?: unknown }) {
        const { result, error } = await ask(method, params)
        if (error) throw Object.assign(new Error('refused'), error)
        return result
      },
    }
    const info = { uuid: 'c2e4f3b0-5f0a-4c57-9a59-6f1c2b1a7d10', name: 'Harbour Wallet', icon, rdns: 'org.example.wallet' }
    const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }))
    window.addEventListener('eip6963:requestProvider', announce)
    announce()
  }, ICON)
  return { address: account.address, seen }
}

/** Gives a page a device that keeps passkeys, with a holder who is always there. */
async function installAuthenticator(page: Page): Promise<{ client: CDPSession; authenticatorId: string }> {
  const client = await page.context().newCDPSession(page)
  await client.send('WebAuthn.enable')
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { client, authenticatorId }
}

const signOut = async (page: Page) => {
  await page.context().clearCookies()
  await visit(page, '/login')
}

test('a wallet signs in, and is the same account the next time', async () => {
  const page = await browser.open('/', { baseURL })
  const wallet = await installWallet(page)
  await visit(page, '/login')
  expect(await problemsOn(page)).toEqual([])
  await page.getByRole('button', { name: 'Sign in with Harbour Wallet' }).click()
  await page.waitForURL('**/agents')
  expect(wallet.seen[0]).toMatch(new RegExp(`^localhost:\\d+ wants you to sign in with your Ethereum account:\n${wallet.address}\n`))

  await visit(page, '/settings')
  await page.getByText(wallet.address, { exact: true }).waitFor()
  expect(await problemsOn(page)).toEqual([])
  await page.getByRole('button', { name: `Unlink the wallet ${wallet.address}` }).click()
  await page.getByRole('button', { name: 'Unlink wallet' }).click()
  await page.getByText('It is the last way you have to sign in.').waitFor()

  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Ines Vale')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Your profile is saved.').waitFor()

  const nameOf = async () => (await (await page.request.get('/api/auth/session')).json()).user.id
  const before = await nameOf()
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with Harbour Wallet' }).click()
  await page.waitForURL('**/agents')
  expect(await nameOf()).toBe(before)
})

test('who says no in the wallet stays where they are', async () => {
  const page = await browser.open('/', { baseURL })
  await installWallet(page, { isWilling: false })
  await visit(page, '/login')
  await page.getByRole('button', { name: 'Sign in with Harbour Wallet' }).click()
  await page.getByText('You said no in your wallet.').waitFor()
  expect(new URL(page.url()).pathname).toBe('/login')
})

test('a wallet is connected to an account that has a password', async () => {
  const page = await browser.open('/', { baseURL })
  const wallet = await installWallet(page)
  await register(page)
  await visit(page, '/settings')
  await page.getByRole('button', { name: 'Connect Harbour Wallet' }).click()
  await page.getByText(wallet.address, { exact: true }).waitFor()
  expect(wallet.seen[0]).toContain('Let this wallet sign in to my Agentbot account.')
  const who = async () => (await (await page.request.get('/api/auth/session')).json()).user
  const before = await who()
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with Harbour Wallet' }).click()
  await page.waitForURL('**/agents')
  expect(await who()).toEqual(before)
})

test('a passkey is made, signs in from the form by itself, is renamed and removed', async () => {
  const page = await browser.open('/', { baseURL })
  const { client, authenticatorId } = await installAuthenticator(page)
  await register(page)
  await visit(page, '/settings')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('The passkey signs you in from now on.').waitFor()
  await page.getByText('never used').waitFor()
  expect(await problemsOn(page)).toEqual([])
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('This device has a passkey for your account already.').waitFor()

  // The virtual device chooses from the form's list at once, as somebody would who picks their passkey there.
  await page.context().clearCookies()
  await page.goto('/login')
  await page.waitForURL('**/agents')

  await visit(page, '/settings')
  await page.getByRole('button', { name: /^Rename the passkey/ }).click()
  await page.getByLabel('Name of the passkey').fill('Desk key')
  await page.getByRole('button', { name: 'Save', exact: true }).last().click()
  await page.getByText('Desk key', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Remove the passkey Desk key' }).click()
  await page.getByRole('button', { name: 'Remove passkey' }).click()
  await page.getByText('No passkey yet.').waitFor()
  await expect.poll(async () => (await client.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length).toBe(0)
})

test('a passkey signs in by its button', async () => {
  const page = await browser.open('/', { baseURL })
  const { client, authenticatorId } = await installAuthenticator(page)
  await register(page)
  await visit(page, '/settings')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('never used').waitFor()
  // Nobody picks anything from the form's list.
  await client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false })
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
  await client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true })
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.waitForURL('**/agents')
})

test('neither is offered at an address it would not work at', async () => {
  const page = await browser.open('/', { baseURL: server.url.replace('localhost', '127.0.0.1') })
  await installWallet(page)
  await installAuthenticator(page)
  await visit(page, '/login')
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  expect(await page.getByRole('button', { name: /wallet|passkey/i }).count()).toBe(0)
})
