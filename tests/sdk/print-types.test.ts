import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { createTypePrinter } from '../../scripts/print-types.ts'

/** Prints the type `Subject` of a source; types called `Named…` by their name. */
function print(source: string): string {
  const file = ts.createSourceFile('subject.ts', source, ts.ScriptTarget.ESNext, true)
  const host = ts.createCompilerHost({})
  const options = { strict: true, target: ts.ScriptTarget.ESNext, lib: ['lib.esnext.d.ts'], types: [] }
  const getSourceFile: typeof host.getSourceFile = (name, ...rest) => (name === 'subject.ts' ? file : host.getSourceFile(name, ...rest))
  const checker = ts.createProgram(['subject.ts'], options, { ...host, getSourceFile }).getTypeChecker()
  const subject = file.statements.find((statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === 'Subject')
  const nameOf = ({ aliasSymbol }: ts.Type) => (aliasSymbol?.name.startsWith('Named') ? aliasSymbol.name : undefined)
  return createTypePrinter(checker, file, nameOf).printMembers(
    checker.getDeclaredTypeOfSymbol(checker.getSymbolAtLocation((subject as ts.TypeAliasDeclaration).name)!),
  )
}

describe('a type is written out', () => {
  test.each([
    ['as it is when it is simple', `type Subject = 'b' | 'a' | 2 | null`, '"a" | "b" | 2 | null'],
    ['with boolean in one piece', `type Subject = boolean | string | undefined`, 'boolean | string | undefined'],
    [
      'through mapped and conditional types',
      `type Subject = { [K in 'a' | 'b-c']?: K extends 'a' ? Partial<{ d: 1 }> : null }`,
      '{ a?: { d?: 1 }; "b-c"?: null }',
    ],
    ['as one object when it is an intersection', `type Subject = { a: 1 } & { b: string[] }`, '{ a: 1; b: string[] }'],
    ['with its index signature', `type Subject = { [key: string]: unknown; a: 1 }`, '{ [key: string]: unknown; a: 1 }'],
    ['as a Record when it has nothing else', `type Subject = Array<{ [key: string]: [1, 'x'] }>`, 'Array<Record<string, [1, "x"]>>'],
    ['as an async iterable', `type Subject = AsyncIterable<{ a: void }>`, 'AsyncIterable<{ a: void }>'],
    ['with names where there are some', `type Named = { a: 1 } | 2; type Subject = { b?: Named; c: Named[] }`, '{ b?: Named; c: Named[] }'],
  ])('%s', (_, source, expected) => {
    expect(print(source)).toBe(expected)
  })
})

test.each([
  ['a function', `type Subject = { a: () => void }`],
  ['any', `type Subject = { a: any }`],
  ['a type that contains itself', `interface Tree { children: Tree[] }; type Subject = Tree`],
])('%s is refused', (_, source) => {
  expect(() => print(source)).toThrow(/not data|cannot be written out|contains itself/)
})
