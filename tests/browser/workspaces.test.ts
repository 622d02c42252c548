import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { createAgent, excessOn, newEmail, PASSWORD, problemsOn, register, say, useBrowser, visit } from './browser.ts'

const browser = useBrowser()

const MANY_STEPS_MS = 180_000

const switcher = (page: Page) => page.getByRole('button', { name: /^Workspace: / })

/** Makes a team by the menu. @returns its id. */
async function createTeam(page: Page, name: string): Promise<string> {
  await switcher(page).click()
  await page.getByRole('menuitem', { name: 'New team…' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create team' }).click()
  await page.waitForURL('**/members')
  await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor()
  return /\/w\/([^/]+)\//.exec(page.url())![1]!
}

/** Invites an address on the page of members. @returns the path of the link. */
async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Role', { exact: true }).selectOption(role)
  await page.getByRole('button', { name: 'Invite', exact: true }).last().click()
  const link = await page.getByRole('textbox', { name: 'Link', exact: true }).inputValue()
  await page.getByRole('button', { name: 'Done' }).click()
  const { pathname, hash } = new URL(link)
  return pathname + hash
}

test(
  'two people work in one workspace, and one outside gets nowhere',
  async () => {
    const ines = await browser.open('/')
    await register(ines)
    await createAgent(ines, 'Solo')
    const team = await createTeam(ines, 'Harbour Records')
    const link = await invite(ines, 'tom@example.org', 'viewer')
    await ines.getByRole('list', { name: 'Invitations' }).getByText('tom@example.org').waitFor()

    // What is of the personal workspace is not in the team.
    await ines.getByRole('link', { name: 'Agents', exact: true }).click()
    await ines.getByText('No agents yet').waitFor()
    const agent = await createAgent(ines, 'Atlas')
    expect(agent).toMatch(new RegExp(`^/w/${team}/agents/`))
    await say(ines, 'Atlas', 'remember my name is Ada', 'I will remember that name is Ada.')

    // Tom has no account yet, and comes by the link. To open it twice does not use it up.
    const tom = await browser.open(link)
    await tom.getByText('invites you to Harbour Records as viewer').waitFor()
    await visit(tom, '/')
    await visit(tom, link)
    await tom.getByRole('link', { name: 'Create an account' }).click()
    await tom.getByLabel('Email').fill('tom@example.org')
    await tom.getByLabel('Password').fill(PASSWORD)
    await tom.getByLabel('Name (optional)').fill('Tom Reed')
    await tom.getByRole('button', { name: 'Create account' }).click()
    await tom.waitForURL(`**/w/${team}/agents`)
    await tom.getByRole('link', { name: 'Atlas', exact: true }).click()
    await tom.getByRole('log').getByText('I will remember that name is Ada.', { exact: true }).waitFor()

    // As a viewer he is offered nothing that changes anything.
    await tom.getByText('you read along').waitFor()
    for (const name of ['Stop', 'Restart', 'More for Atlas']) expect(await tom.getByRole('button', { name }).count()).toBe(0)
    await visit(tom, `/w/${team}/agents`)
    await tom.getByRole('link', { name: 'Atlas', exact: true }).waitFor()
    expect(await tom.getByRole('button', { name: 'New agent' }).count()).toBe(0)

    // Eve is nobody here, whichever address she opens.
    const eve = await browser.open('/')
    await register(eve)
    for (const path of [`/w/${team}/agents`, agent, `/w/${team}/members`]) {
      await visit(eve, path)
      await eve.getByText('There is no page here').waitFor()
    }
    await visit(eve, link)
    await eve.getByText('This invitation is not good any more').waitFor()

    // Ines makes him a member, and he may talk.
    await visit(ines, `/w/${team}/members`)
    await ines.getByLabel('Role of Tom Reed').selectOption('member')
    await ines.getByRole('button', { name: 'Change role' }).click()
    await ines.getByText('Tom Reed is member now.').waitFor()
    await visit(tom, agent)
    await say(tom, 'Atlas', 'what is my name?', 'name is Ada.')

    // And takes him out again: he is in his own workspace, and sees nothing of the team.
    await ines.getByRole('button', { name: 'Remove Tom Reed' }).click()
    await ines.getByRole('button', { name: 'Remove', exact: true }).click()
    await ines.getByText('Tom Reed is no longer in the workspace.').waitFor()
    await visit(tom, agent)
    await tom.getByText('There is no page here').waitFor()
    await visit(tom, '/agents')
    await tom.getByText('No agents yet').waitFor()
    expect(await switcher(tom).textContent()).toContain('Tom Reed')
  },
  MANY_STEPS_MS,
)

test(
  'somebody with keys is removed once it is said what becomes of them',
  async () => {
    const ines = await browser.open('/')
    await register(ines)
    const team = await createTeam(ines, 'Keys of others')
    const email = newEmail()
    const link = await invite(ines, email, 'admin')
    const tom = await browser.open('/')
    await register(tom, email)
    await visit(tom, link)
    await tom.getByRole('button', { name: 'Join Keys of others' }).click()
    await tom.waitForURL(`**/w/${team}/agents`)
    await tom.getByRole('link', { name: 'API keys' }).click()
    await tom.getByRole('button', { name: 'New key' }).click()
    await tom.getByLabel('Name').fill('Release script')
    await tom.getByRole('button', { name: 'Create key' }).click()
    const key = await tom.getByRole('textbox', { name: 'API key', exact: true }).inputValue()

    await visit(ines, `/w/${team}/members`)
    await ines.getByText('1 API key').waitFor()
    await ines
      .getByRole('button', { name: /^Remove/ })
      .first()
      .click()
    await ines.getByRole('button', { name: 'Remove', exact: true }).click()
    await ines.getByText('Release script').waitFor()
    expect(await problemsOn(ines)).toEqual([])
    await ines.getByLabel(/^Delete them/).check()
    await ines.getByRole('button', { name: 'Remove', exact: true }).click()
    await ines.getByText('is no longer in the workspace').waitFor()
    const answer = await ines.request.get('/api/agents', { headers: { authorization: `Bearer ${key}` } })
    expect(answer.status()).toBe(401)
  },
  MANY_STEPS_MS,
)

test('a personal workspace becomes a team by its page, with the agent that is in it', async () => {
  const page = await browser.open('/')
  await register(page)
  await createAgent(page, 'Atlas')
  await switcher(page).click()
  await page.getByRole('menuitem', { name: 'Workspace settings' }).click()
  await page.getByLabel('Name of the team').fill('Vale & Co')
  await page.getByRole('button', { name: 'Make it a team' }).click()
  await page.getByRole('heading', { name: 'Vale & Co', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Agents', exact: true }).click()
  await page.getByRole('link', { name: 'Atlas', exact: true }).waitFor()
  await switcher(page).press('Enter')
  await page.getByRole('menuitemradio', { name: /personal/ }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('menuitemradio', { name: /personal/ }).press('Enter')
  await page.getByText('No agents yet').waitFor()
})

test.each(['light', 'dark'] as const)(
  'pages of workspaces fit a phone, and axe finds nothing, in %s',
  async (colorScheme) => {
    const page = await browser.open('/', { colorScheme, reducedMotion: 'reduce', viewport: { width: 360, height: 740 } })
    await register(page)
    const team = await createTeam(page, 'Harbour Records')
    await invite(page, newEmail(), 'member')
    const found: Record<string, unknown> = {}
    const check = async (name: string) => {
      const problems = await problemsOn(page)
      const excess = await excessOn(page)
      if (problems.length > 0 || excess > 0) found[name] = { problems, excess }
    }
    for (const path of ['members', 'workspace']) {
      await visit(page, `/w/${team}/${path}`)
      await check(path)
    }
    await switcher(page).click()
    await page.getByRole('menuitemradio').first().waitFor()
    expect(await excessOn(page)).toBe(0)
    expect(found).toEqual({})
  },
  MANY_STEPS_MS,
)
