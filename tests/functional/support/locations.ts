import { renameSync, writeFileSync } from "node:fs";
import { isIPv4 } from "node:net";

// A database of locations in MaxMind's format, as operators download them.
// https://maxmind.github.io/MaxMind-DB/

export interface Place {
  city?: string;
  country?: string;
}
type Value = string | Whole | Value[] | { [key: string]: Value };
type Node = [Branch, Branch];
type Branch = Node | number | undefined; // a number: where in the data section

class Whole {
  readonly type: number;
  readonly bytes: number[];
  constructor(type: number, value: number, size: number) {
    this.type = type;
    this.bytes = bigEndian(value, size);
  }
}
const short = (value: number) => new Whole(5, value, 2);
const long = (value: number) => new Whole(6, value, 4);
const longest = (value: number) => new Whole(9, value, 8);

const control = (type: number, size: number): number[] =>
  type > 7 ? [size, type - 7] : [(type << 5) | size];

function bigEndian(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) =>
    Number((BigInt(value) >> BigInt(8 * (size - 1 - i))) & 255n),
  );
}

function encode(value: Value): number[] {
  if (typeof value === "string") {
    const text = [...Buffer.from(value)];
    return [...control(2, text.length), ...text];
  }
  if (value instanceof Whole) return [...control(value.type, value.bytes.length), ...value.bytes];
  if (Array.isArray(value)) return [...control(11, value.length), ...value.flatMap(encode)];
  const members = Object.entries(value);
  return [...control(7, members.length), ...members.flatMap((member) => member.flatMap(encode))];
}

const named = (name: string | undefined): Value => (name ? { names: { en: name, hi: "दूसरा" } } : {});

function bitsOf(network: string): number[] {
  const [address, length] = network.split("/") as [string, string];
  const bytes = isIPv4(address)
    ? [...new Array<number>(12).fill(0), ...address.split(".").map(Number)]
    : address
        .split("::")
        .map((half) => half.split(":").filter(Boolean))
        .flatMap((half, i, [head, tail]) =>
          i === 0 ? half : [...new Array<string>(8 - head!.length - tail!.length).fill("0"), ...half],
        )
        .flatMap((group) => bigEndian(parseInt(group, 16), 2));
  const bits = bytes.flatMap((byte) => [...byte.toString(2).padStart(8, "0")].map(Number));
  return bits.slice(0, Number(length) + (isIPv4(address) ? 96 : 0));
}

/** Writes it beside `file` and renames it, so that a server that has it open sees a new file. */
export function writeLocations(file: string, places: Record<string, Place>): void {
  const root: Node = [undefined, undefined];
  const data: number[] = [];
  for (const [network, { city, country }] of Object.entries(places)) {
    const bits = bitsOf(network);
    let node = root;
    for (const bit of bits.slice(0, -1)) node = (node[bit] ??= [undefined, undefined]) as Node;
    node[bits.at(-1)!] = data.length;
    data.push(...encode({ city: named(city), country: named(country) }));
  }
  const nodes: Node[] = [root];
  for (const node of nodes) nodes.push(...node.filter((branch) => Array.isArray(branch)));
  const record = (branch: Branch) => {
    if (branch === undefined) return nodes.length;
    return typeof branch === "number" ? nodes.length + 16 + branch : nodes.indexOf(branch);
  };
  const metadata = encode({
    binary_format_major_version: short(2),
    binary_format_minor_version: short(0),
    build_epoch: longest(1_790_000_000),
    database_type: "Test-City",
    description: { en: "For tests" },
    ip_version: short(6),
    languages: ["en", "hi"],
    node_count: long(nodes.length),
    record_size: short(24),
  });
  const tree = nodes.flat().flatMap((branch) => bigEndian(record(branch), 3));
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from("MaxMind.com")]);
  const bytes = [...tree, ...new Array<number>(16).fill(0), ...data, ...marker, ...metadata];
  writeFileSync(`${file}.new`, Buffer.from(bytes));
  renameSync(`${file}.new`, file);
}
