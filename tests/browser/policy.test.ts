import { expect, test } from 'vitest'
import { createAgent, PASSWORD, register, say, useBrowser, visit } from './browser.ts'

const browser = useBrowser()

test('nothing on the way of a new account breaks the policy of its pages', async () => {
  const page = await browser.open('/')
  await register(page)
  const path = await createAgent(page, 'Atlas')
  await say(page, 'Atlas', 'remember my name is Ada', 'I will remember that name is Ada.')
  for (const tab of ['', '/messages', '/memory', '/configuration', '/statistics']) await visit(page, path + tab)

  // What is above the page brings sheets of its own: a menu, a dialog, a toast.
  await page.getByRole('button', { name: 'More for Atlas' }).click()
  await page.getByRole('menuitem', { name: 'Reset memory' }).click()
  await page.getByRole('button', { name: 'Reset memory' }).click()
  const toast = page.getByText('Atlas has forgotten everything.')
  await toast.waitFor()
  expect(await toast.evaluate((text) => getComputedStyle(text.closest('[data-sonner-toaster]')!).position)).toBe('fixed')

  await visit(page, '/keys')
  await page.getByRole('button', { name: 'New key' }).click()
  expect(await page.locator('body').evaluate((body) => getComputedStyle(body).overflow)).toBe('hidden')
  await page.keyboard.press('Escape')
  await visit(page, '/settings')
  await page.getByLabel('Current password').fill(PASSWORD)
  await page.getByLabel('New password').fill('another good one')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('Your password is changed.').waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL('**/login')
  expect(browser.takeComplaints()).toEqual([])
})

test('a script and a style that a page did not come with are refused', async () => {
  const page = await browser.open('/login')
  const ran = await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.title = "taken over"'
    document.head.append(script)
    document.body.insertAdjacentHTML('beforeend', '<p id="styled" style="color: red">a</p>')
    return { title: document.title, style: getComputedStyle(document.querySelector('#styled')!).color }
  })
  expect(ran.title).not.toBe('taken over')
  expect(ran.style).not.toBe('rgb(255, 0, 0)')
  expect(browser.takeComplaints()).toEqual([
    expect.stringMatching(/inline script violates .*Content Security Policy/),
    expect.stringMatching(/inline style violates .*Content Security Policy/),
  ])
})

test('pages are cut off from other sites, but not from the windows they open', async () => {
  const page = await browser.open('/login')
  const headers = (await page.request.get('/login')).headers()
  expect(headers['content-security-policy']).not.toContain('unsafe')
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
  })
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void window.open('about:blank'))])
  expect(await popup.evaluate(() => window.opener !== null)).toBe(true)
})
