import { data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { ArrowRight } from 'lucide-react'
import { Transports } from '../features/landing/transports.tsx'
import { Brand } from '../shell/brand.tsx'
import { ThemeSwitch } from '../shell/theme-switch.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { findVisitor } from '../http/page.server.ts'

export const meta: MetaFunction = () => [
  { title: 'Agentbot: AI agents on your own server' },
  { name: 'description', content: 'Create AI agents, talk to them, see what they remember and what they use, on your own server.' },
]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, headers } = await findVisitor(request, context)
  // The host the visitor used, which may be one of several; only the public address knows the protocol behind a proxy.
  const origin = `${new URL(context.platform.env.APP_URL).protocol}//${new URL(request.url).host}`
  return data({ isSignedIn: user !== null, origin }, { headers })
}

const facts = [
  { title: 'Agents that remember', text: 'Each agent keeps what it learns in a memory you can read, change and erase.' },
  {
    title: 'Figures that are measured',
    text: 'Answers, failures, times and tokens are counted. What cannot be measured is left out, not made up.',
  },
  { title: 'Keys with limits', text: 'An API key can be held to scopes, to a date and to calls per minute.' },
]

export default function LandingPage() {
  const { isSignedIn, origin } = useLoaderData<typeof loader>()
  return (
    <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-4 sm:px-6">
      <header className="flex items-center justify-between gap-2 py-3">
        <Brand />
        <div className="flex items-center gap-1">
          <ThemeSwitch />
          <ButtonLink look="quiet" to={isSignedIn ? '/agents' : '/login'}>
            {isSignedIn ? 'Your agents' : 'Sign in'}
          </ButtonLink>
        </div>
      </header>
      <main id="main" className="grid flex-1 content-start gap-14 py-12 sm:gap-20 sm:py-20">
        <div className="grid max-w-2xl gap-6">
          <h1 className="text-4xl leading-[1.1] tracking-tight sm:text-5xl">AI agents for many people, from one server that is yours.</h1>
          <p className="text-lg text-muted">
            Agentbot runs agents, keeps their conversations and memory apart for every account, and counts what they do. Whatever these
            pages can do, your programs can do through REST, GraphQL and tRPC.
          </p>
          <div className="flex flex-wrap gap-3">
            {isSignedIn ? (
              <ButtonLink look="primary" to="/agents">
                Go to your agents <ArrowRight size={16} aria-hidden />
              </ButtonLink>
            ) : (
              <>
                <ButtonLink look="primary" to="/register">
                  Create an account <ArrowRight size={16} aria-hidden />
                </ButtonLink>
                <ButtonLink to="/login">Sign in</ButtonLink>
              </>
            )}
          </div>
        </div>
        <section aria-labelledby="transports" className="grid gap-4">
          <h2 id="transports" className="text-xl">
            Three ways in, one set of operations
          </h2>
          <Transports origin={origin} />
          <p className="text-sm text-muted">
            Try the{' '}
            <a href="/graphql" className="font-medium text-ink underline underline-offset-4">
              GraphQL playground
            </a>{' '}
            or read the{' '}
            <a href="/api/openapi.json" className="font-medium text-ink underline underline-offset-4">
              OpenAPI document
            </a>
            .
          </p>
        </section>
        <ul className="grid gap-8 border-t border-line pt-10 sm:grid-cols-3">
          {facts.map(({ title, text }) => (
            <li key={title} className="grid content-start gap-1">
              <h2>{title}</h2>
              <p className="text-sm text-muted">{text}</p>
            </li>
          ))}
        </ul>
      </main>
      <footer className="flex flex-wrap gap-x-6 gap-y-2 border-t border-line py-6 text-sm text-muted">
        <span>Agentbot, MIT licence</span>
        <Link to="/login" className="hover:text-ink">
          Sign in
        </Link>
        <a href="/api/openapi.json" className="hover:text-ink">
          API
        </a>
      </footer>
    </div>
  )
}
