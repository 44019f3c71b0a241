import type { Connection } from '@temporalio/client';

/** What garland's runs can be found by in the Web UI and with `temporal workflow list --query`. A keyword. */
export const SEARCH_ATTRIBUTES = ['GarlandProject'] as const;

/**
 * Which of garland's search attributes the namespace knows. Starting a workflow with one that it doesn't know fails.
 *
 * @throws what the server answers, as for a missing permission
 */
export async function listSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.filter((name) => Number(customAttributes?.[name]) === KEYWORD);
}

/** Registers those that the namespace lacks; twice does no harm. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const known = await listSearchAttributes(connection, namespace);
  const missing = SEARCH_ATTRIBUTES.filter((name) => !known.includes(name));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** INDEXED_VALUE_TYPE_KEYWORD of the server's API; the client package doesn't export that enum. */
const KEYWORD = 2;
