import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTemporaryServer, type TemporaryServer } from '../../scripts/temporary-server.ts'
import { startOidcIssuer, type OidcIssuer } from '../fakes/oidc-issuer.ts'
import { AuthenticatorApp } from '../helpers/totp.ts'
import { newEmail, PASSWORD, problemsOn, register, useBrowser, visit } from './browser.ts'

const browser = useBrowser()

let issuer: OidcIssuer
let server: TemporaryServer
beforeAll(async () => {
  const port = await freePort()
  const baseURL = `http://localhost:${port}`
  issuer = await startOidcIssuer([`${baseURL}/api/auth/oauth/oidc/callback`])
  server = await startTemporaryServer({
    PORT: String(port),
    APP_URL: baseURL,
    OIDC_ISSUER: issuer.issuer,
    OIDC_CLIENT_ID: issuer.clientId,
    OIDC_CLIENT_SECRET: issuer.clientSecret,
    OIDC_NAME: 'Harbour',
  })
})
afterAll(async () => {
  await server.stop()
  await issuer.close()
})

let people = 0
let login: string
let email: string
beforeEach(() => {
  login = `person${++people}`
  email = newEmail()
  issuer.people.set(login, { name: 'Ines Vale', email, email_verified: true })
})

/** A port nobody has: the issuer has to know where the server will be before it starts. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

const open = (path: string) => browser.open(path, { baseURL: server.url.replace('127.0.0.1', 'localhost') })

/** Signs in on the pages of the issuer, and agrees. Who has agreed before is not asked again. */
async function passIssuer(page: Page): Promise<void> {
  await page.waitForURL(`${issuer.issuer}/**`)
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** Sets an app up in the settings. */
async function setUpApp(page: Page): Promise<{ app: AuthenticatorApp; recoveryCodes: string[] }> {
  await visit(page, '/settings')
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('img', { name: 'The secret as a QR code' }).waitFor()
  expect(await problemsOn(page)).toEqual([])
  const app = new AuthenticatorApp((await dialog.locator('code').innerText()).replace(/\s/g, ''))
  await dialog.getByLabel('Code').fill(app.code(-1))
  await dialog.getByRole('button', { name: 'Switch on' }).click()
  await dialog.getByText('Your recovery codes').waitFor()
  const recoveryCodes = await dialog.getByRole('listitem').allInnerTexts()
  await dialog.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText('10 of 10 recovery codes left').waitFor()
  return { app, recoveryCodes }
}

async function signOut(page: Page): Promise<void> {
  await visit(page, '/settings')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL('**/login')
}

test('one registers and signs in with an account at the issuer, and is then asked for the second factor', async () => {
  const page = await open('/login?next=%2Fkeys')
  await page.getByRole('link', { name: 'Continue with Harbour' }).click()
  await passIssuer(page)
  await page.waitForURL('**/keys')
  await page.getByRole('button', { name: 'Account of Ines Vale' }).waitFor()

  const { app } = await setUpApp(page)
  await signOut(page)
  await page.getByRole('link', { name: 'Continue with Harbour' }).click()
  // The issuer knows the browser by now.
  await page.waitForURL('**/login/code**')
  expect(await problemsOn(page)).toEqual([])
  await page.getByLabel('Code').fill(app.wrongCode())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('That code is wrong').waitFor()
  await page.getByLabel('Code').fill(app.code())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/agents')
})

test('who signs in with a password is asked for a code, and a recovery code will do', async () => {
  const page = await open('/register')
  const registered = await register(page)
  const { recoveryCodes } = await setUpApp(page)
  await signOut(page)
  await page.getByLabel('Email').fill(registered)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL('**/login/code**')
  await page.getByLabel('Code').fill(recoveryCodes[0]!.toLowerCase())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/agents')
  await visit(page, '/settings')
  await page.getByText('9 of 10 recovery codes left').waitFor()
})

test('an account at the issuer is connected and disconnected in the settings', async () => {
  issuer.people.set(login, { email: newEmail() })
  const page = await open('/register')
  await register(page)
  await visit(page, '/settings')
  await page.getByRole('button', { name: 'Connect Harbour' }).click()
  await passIssuer(page)
  await page.waitForURL('**/settings')
  const disconnect = page.getByRole('button', { name: /^Disconnect visitor-/ })
  await disconnect.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
  await disconnect.waitFor({ state: 'detached' })
})

test('what went wrong elsewhere is said on the page to sign in', async () => {
  const page = await open('/api/auth/oauth/oidc/callback?code=x&state=y')
  await page.waitForURL('**/login?problem=SIGN_IN_EXPIRED')
  await page.getByRole('alert').getByText('was not started in this browser').waitFor()
})

test('other browsers are shown, and signed out from here', async () => {
  const page = await open('/register')
  const registered = await register(page)
  const other = await open('/login')
  await other.getByLabel('Email').fill(registered)
  await other.getByLabel('Password').fill(PASSWORD)
  await other.getByRole('button', { name: 'Sign in', exact: true }).click()
  await other.waitForURL('**/agents')

  await visit(page, '/settings')
  await page.getByText('Chrome on Linux').nth(1).waitFor()
  await page.getByRole('button', { name: 'Sign out Chrome on Linux' }).click()
  await page.getByText('Chrome on Linux is signed out.').waitFor()
  await visit(other, '/agents')
  expect(new URL(other.url()).pathname).toBe('/login')
})

test('what needs a fresh sign-in asks for the password, and then goes on by itself', async () => {
  const page = await open('/register')
  await register(page)
  await visit(page, '/settings')
  let refusals = 0
  await page.route('**/trpc/secondFactor.begin**', async (route) => {
    if (refusals++ > 0) return route.continue()
    const data = { code: 'FORBIDDEN', httpStatus: 403, appCode: 'REAUTH_REQUIRED', details: {} }
    await route.fulfill({ status: 403, json: [{ error: { message: 'Prove once more that it is you.', code: -32003, data } }] })
  })
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
  const question = page.getByRole('dialog', { name: 'Is it you?' })
  await question.getByLabel('Password').fill('wrong password')
  await question.getByRole('button', { name: 'Continue' }).click()
  await question.getByText('That is not your password').waitFor()
  expect(await problemsOn(page)).toEqual([])
  await question.getByLabel('Password').fill(PASSWORD)
  await question.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('img', { name: 'The secret as a QR code' }).waitFor()
})
