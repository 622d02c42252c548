import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { createAgent, excessOn, PASSWORD, problemsOn, register, say, useBrowser, visit } from './browser.ts'

const browser = useBrowser()

const MANY_PAGES_MS = 240_000

/** Every page, and what shows that it is complete. */
const publicPages = [
  { path: '/', sign: 'Three ways in' },
  { path: '/login', sign: 'No account yet?' },
  { path: '/register', sign: 'Have an account?' },
  { path: '/pricing', sign: 'asks nobody for money' },
  { path: '/nowhere', sign: 'There is no page here' },
]
const pagesOf = (agent: string) => [
  { path: '/agents', sign: 'Atlas' },
  { path: agent, sign: 'name is Ada.' },
  { path: `${agent}/messages`, sign: 'Page 1 of' },
  { path: `${agent}/memory`, sign: '1 value' },
  { path: `${agent}/configuration`, sign: 'OpenRouter' },
  { path: `${agent}/statistics`, sign: 'Messages answered' },
  { path: '/agents?new=1', sign: 'Everything here can be changed later' },
  { path: '/keys', sign: 'No API keys yet' },
  { path: '/billing', sign: 'asks nobody for money' },
  { path: '/wallet', sign: 'No wallet yet' },
  { path: '/bookings', sign: 'No bookings yet' },
  { path: '/settings', sign: 'Referral code' },
  { path: '/settings/activity', sign: 'accounts.signIn' },
]

/** An account with an agent that has something on each of its pages. */
async function prepare(page: Page): Promise<string> {
  await register(page)
  const path = await createAgent(page, 'Atlas')
  await say(page, 'Atlas', 'remember my name is Ada', 'I will remember that name is Ada.')
  await say(page, 'Atlas', 'what is my name?', 'name is Ada.')
  return path
}

test.each(['light', 'dark'] as const)(
  'axe finds nothing on any page in %s',
  async (colorScheme) => {
    const page = await browser.open('/', { colorScheme, reducedMotion: 'reduce' })
    const found: Record<string, string[]> = {}
    const check = async ({ path, sign }: { path: string; sign: string }) => {
      await visit(page, path)
      await page.getByText(sign).first().waitFor()
      const problems = await problemsOn(page)
      if (problems.length > 0) found[path] = problems
    }
    for (const entry of publicPages) await check(entry)
    const agent = await prepare(page)
    for (const entry of pagesOf(agent)) await check(entry)
    expect(found).toEqual({})
  },
  MANY_PAGES_MS,
)

test(
  'no page scrolls sideways on a phone of 360 pixels',
  async () => {
    const page = await browser.open('/', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true })
    const tooWide: string[] = []
    const check = async ({ path, sign }: { path: string; sign: string }) => {
      await visit(page, path)
      await page.getByText(sign).first().waitFor()
      const excess = await excessOn(page)
      if (excess > 0) tooWide.push(`${path}: ${excess} px`)
    }
    for (const entry of publicPages) await check(entry)
    const agent = await prepare(page)
    for (const entry of pagesOf(agent)) await check(entry)
    expect(tooWide).toEqual([])
  },
  MANY_PAGES_MS,
)

test('one can sign in, open an agent and talk to it by keyboard alone', async () => {
  const page = await browser.open('/')
  const email = await register(page)
  await createAgent(page, 'Atlas')
  await page.context().clearCookies()

  await visit(page, '/login')
  await page.keyboard.type(email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Atlas', exact: true }).waitFor()
  await tabTo(page, 'Atlas')
  await page.keyboard.press('Enter')
  await page.getByLabel('Message to Atlas').waitFor()
  await tabTo(page, 'Message to Atlas')
  await page.keyboard.type('calculate 6 * 7')
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText('6 * 7 = 42').waitFor()
})

test('the first stop of the keyboard leads past the navigation', async () => {
  const page = await browser.open('/')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(new URL(page.url()).hash).toBe('#main')
})

test('a theme that was chosen is there before any script runs', async () => {
  const page = await browser.open('/login', { colorScheme: 'light' })
  await page.getByRole('button', { name: /^Theme: as your device/ }).click()
  await page.getByRole('button', { name: /^Theme: light/ }).click()
  await page.getByRole('button', { name: /^Theme: dark/ }).waitFor()
  const html = await (await page.request.get('/login')).text()
  expect(html).toContain('data-theme="dark"')
})

const MAX_STOPS = 40

/** Presses Tab until something with that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
    if (focused === name) return
  }
  throw new Error(`The keyboard does not reach "${name}".`)
}
