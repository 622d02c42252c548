import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const WAIT_MS = 15_000

export const PASSWORD = 'correct horse battery'

let accounts = 0
/** An address nobody has used yet. */
export const newEmail = (): string => `visitor-${Date.now()}-${accounts++}@example.com`

/**
 * A browser for a test file. Whatever a page complains about in its console fails the test, except for
 * answers with an error status, which some tests ask for.
 */
export function useBrowser() {
  let browser: Browser
  const contexts: BrowserContext[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS })
  })
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(() => browser.close())

  return {
    /** What pages have complained about until now, for a test that asks for it: the test does not fail because of it. */
    takeComplaints: (): string[] => complaints.splice(0),
    async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ baseURL: inject('url'), locale: 'en-GB', ...options })
      contexts.push(context)
      context.setDefaultTimeout(WAIT_MS)
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
      })
      await visit(page, path)
      return page
    },
  }
}

/** Opens a page and waits until it can be used: before, what is typed into a form could be lost. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.waitForLoadState('networkidle')
}

/** Registers in the browser, which also signs in. */
export async function register(page: Page, email = newEmail()): Promise<string> {
  await visit(page, '/register')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByLabel('Name (optional)').fill('Ada Lovelace')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.waitForURL('**/agents')
  return email
}

/** Creates an agent in the browser. @returns the path of its page. */
export async function createAgent(
  page: Page,
  name: string,
  button: 'Create and start' | 'Create only' = 'Create and start',
): Promise<string> {
  await page.getByRole('button', { name: 'New agent' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  return new URL(page.url()).pathname
}

/** Sends a message and waits for the end of its answer. */
export async function say(page: Page, agent: string, text: string, answer: string): Promise<void> {
  const composer = page.getByLabel(`Message to ${agent}`)
  await composer.fill(text)
  await composer.press('Enter')
  await page.getByRole('log').getByText(answer, { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Send' }).waitFor()
}

/** What axe finds on the page as it is now, in short. @param without Selects what it leaves out. */
export async function problemsOn(page: Page, without?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  if (without !== undefined) axe.exclude(without)
  const { violations } = await axe.analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** How many pixels a page is wider than its window. */
export const excessOn = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Axe finds nothing on the page as it is now, but for messages that are fading, and on a phone it does not scroll sideways. */
export async function expectWellMade(page: Page): Promise<void> {
  const size = page.viewportSize()!
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await excessOn(page)).toBe(0)
  await page.setViewportSize(size)
  expect(await problemsOn(page, '[data-sonner-toaster]')).toEqual([])
}
