import ReactMarkdown, { type Components } from 'react-markdown'

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ),
  // Loading a picture would tell its host who reads this, and the policy of the page forbids it.
  img: ({ src, alt }) => (
    <a href={typeof src === 'string' ? src : undefined} target="_blank" rel="noopener noreferrer">
      {alt || 'Picture'}
    </a>
  ),
}

/** What an agent wrote. Markup in it stays text: there is no HTML pass. */
export const Markdown = ({ text }: { text: string }) => (
  <div className="prose">
    <ReactMarkdown components={components}>{text}</ReactMarkdown>
  </div>
)
