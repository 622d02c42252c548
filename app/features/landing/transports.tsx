import * as Tabs from '@radix-ui/react-tabs'

// Radix gives these a style of their own, which would be in the page the server sends, where its policy allows none.
const noStyle = { outline: undefined, animationDuration: undefined }

interface Transport {
  name: string
  about: string
  code: string
}

const transportsOf = (origin: string): Transport[] => [
  {
    name: 'REST',
    about: 'One address per thing, described by an OpenAPI document. Answers can be streamed.',
    code: `curl ${origin}/api/chat \\
  -H "Authorization: Bearer sk_…" \\
  -H "Content-Type: application/json" \\
  -d '{"message": "remember my name is Ada"}'`,
  },
  {
    name: 'GraphQL',
    about: 'Everything in one query, with a playground that works offline.',
    code: `# ${origin}/graphql

mutation {
  sendMessage(message: "what is my name?") {
    reply
    model
  }
}`,
  },
  {
    name: 'tRPC',
    about: 'Typed from end to end. The pages of this site use it too.',
    code: `client.chat.stream.subscribe(
  { message: 'what is my name?' },
  {
    onData({ data }) {
      if (data.type === 'delta') write(data.text)
    },
  },
)`,
  },
]

/** One call through each of the three ways in. */
export function Transports({ origin }: { origin: string }) {
  const transports = transportsOf(origin)
  return (
    <Tabs.Root defaultValue="REST" className="grid overflow-hidden rounded-2xl border border-line bg-surface md:grid-cols-[17rem_1fr]">
      <Tabs.List
        aria-label="Ways in"
        style={noStyle}
        className="flex outline-none border-b border-line md:flex-col md:border-r md:border-b-0"
      >
        {transports.map(({ name, about }) => (
          <Tabs.Trigger
            key={name}
            value={name}
            className="group flex flex-1 flex-col gap-1 border-line px-3 py-3 text-left -outline-offset-2! not-last:border-r data-[state=active]:bg-sunken md:px-5 md:py-4 md:not-last:border-r-0 md:not-last:border-b"
          >
            <span className="flex items-center gap-2 font-semibold">
              <span
                aria-hidden
                className="size-2.5 rounded-full border-2 border-line-strong group-data-[state=active]:border-accent group-data-[state=active]:bg-accent"
              />
              {name}
            </span>
            <span className="hidden text-sm text-muted md:block">{about}</span>
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {transports.map(({ name, about, code }) => (
        <Tabs.Content key={name} value={name} asChild>
          <div style={noStyle} className="grid min-w-0 content-center gap-3 p-4 -outline-offset-2! sm:p-6">
            <p className="text-sm text-muted md:hidden">{about}</p>
            <pre className="font-mono text-xs leading-relaxed sm:text-[0.8125rem] [overflow-wrap:anywhere] whitespace-pre-wrap">{code}</pre>
          </div>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  )
}
