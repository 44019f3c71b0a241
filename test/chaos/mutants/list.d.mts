export declare const mutants: { name: string; faults: string; edits: [file: string, from: string, to: string][] }[];
