import type { LanguageModel } from 'ai'

/** A model object of the current interface of the AI SDK; never a string, which would go to a hosted gateway. */
export type ModelObject = Extract<LanguageModel, { specificationVersion: 'v4' }>

export type CallOptions = Parameters<ModelObject['doStream']>[0]
export type Prompt = CallOptions['prompt']
export type PromptMessage = Prompt[number]
export type GenerateResult = Awaited<ReturnType<ModelObject['doGenerate']>>
export type StreamResult = Awaited<ReturnType<ModelObject['doStream']>>
export type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never

type PartOf<Role extends PromptMessage['role']> = Exclude<Extract<PromptMessage, { role: Role }>['content'], string>[number]
export type AssistantPart = PartOf<'assistant'>
export type ToolResultPart = Extract<PartOf<'tool'>, { type: 'tool-result' }>
export type ToolOutput = ToolResultPart['output']
export type ToolCall = Extract<StreamPart, { type: 'tool-call' }>
export type ModelUsage = Extract<StreamPart, { type: 'finish' }>['usage']
export type FinishReason = Extract<StreamPart, { type: 'finish' }>['finishReason']
export type OfferedTool = NonNullable<CallOptions['tools']>[number]
