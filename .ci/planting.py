"""Plants mutants in Rust source, each behind a switch: `mutant_on(17)` is true in the process whose
environment says `SCIM_MUTANT=17`, so that one build serves all of them."""

from dataclasses import dataclass, field

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

SWITCH = """
#[doc(hidden)]
pub fn mutant_on(mutant: u32) -> bool {
    static ON: std::sync::OnceLock<Option<u32>> = std::sync::OnceLock::new();
    Some(mutant) == *ON.get_or_init(|| std::env::var("SCIM_MUTANT").ok()?.parse().ok())
}
"""

PARSER = Parser(Language(tree_sitter_rust.language()))


class NotPlantable(Exception):
    """Where a switch cannot stand for the mutant."""


@dataclass
class Edit:
    """What stands instead of the bytes from `start` to `end`."""

    start: int
    end: int
    # Of edits of the same bytes, the one that holds the others comes first.
    rank: int
    # Pairs of a mutant and the text that it has here.
    variants: list = field(default_factory=list)

    def key(self):
        return (self.start, -self.end, self.rank)


class Entry(Edit):
    """A function that returns at once."""

    def write(self, output, _inner):
        for mutant, text in self.variants:
            output.mutant(mutant, f"if {switch(mutant)} {{ return {text}; }} ")


class Instead(Edit):
    """An expression that is another one."""

    def write(self, output, inner):
        start = len(output.text)
        output.plain("(")
        for mutant, text in self.variants:
            output.mutant(mutant, f"if {switch(mutant)} {{ {text} }} else ")
        output.plain("{ ")
        inner()
        output.plain(" })")
        output.around.append((start, len(output.text), [mutant for mutant, _ in self.variants]))


class Arm(Edit):
    """An arm without a guard that never matches."""

    def write(self, output, _inner):
        for mutant, _ in self.variants:
            output.mutant(mutant, f" if !{switch(mutant)}")


class GuardedArm(Edit):
    """An arm whose guard is never true."""

    def write(self, output, inner):
        for mutant, _ in self.variants:
            output.mutant(mutant, f"!{switch(mutant)} && ")
        output.plain("(")
        inner()
        output.plain(")")


class Match(Edit):
    """A match of which an arm may be gone: it may need all that it has."""

    def write(self, output, inner):
        start = len(output.text)
        inner()
        output.around.append((start, len(output.text), [mutant for mutant, _ in self.variants]))


def switch(mutant):
    return f"crate::mutant_on({mutant})"


class Output:
    """A file in the making, which knows what bytes of it belong to which mutant."""

    def __init__(self):
        self.text = bytearray()
        self.ranges = []
        # Expressions as they stand with all their mutants, inner ones before those that hold them.
        self.around = []

    def plain(self, text):
        self.text += text if isinstance(text, bytes) else text.encode()

    def mutant(self, mutant, text):
        start = len(self.text)
        self.plain(text)
        self.ranges.append((start, len(self.text), mutant))

    def owners(self, position):
        """Mutants whose text holds the byte."""
        return [mutant for start, end, mutant in self.ranges if start <= position < end]

    def neighbours(self, position):
        """Mutants beside which the byte, which none of them owns, cannot stand."""
        return next((mutants for start, end, mutants in self.around if start <= position < end), [])


def plant(source, mutants):
    """The file with these mutants (pairs of a number and what cargo-mutants says of it), and those
    for which no switch can stand."""
    root = PARSER.parse(source).root_node
    edits, unplanted = {}, []
    for number, mutant in mutants:
        try:
            for edit, text in edits_of(source, root, mutant):
                edits.setdefault((type(edit), *edit.key()), edit).variants.append((number, text))
        except NotPlantable:
            unplanted.append(number)
    output = Output()
    write(source, output, 0, len(source), sorted(edits.values(), key=Edit.key))
    return output, unplanted


def write(source, output, start, end, edits):
    while edits:
        edit, *edits = edits
        inside = [it for it in edits if it.end <= edit.end and edit.end > edit.start]
        edits = edits[len(inside):]
        output.plain(source[start:edit.start])
        edit.write(output, lambda: write(source, output, edit.start, edit.end, inside))
        start = edit.end
    output.plain(source[start:end])


def edits_of(source, root, mutant):
    start, end = (offset(source, mutant["span"][it]) for it in ("start", "end"))
    node = root.descendant_for_byte_range(start, end)
    if is_constant(node):
        raise NotPlantable
    replacement = mutant["replacement"]
    match mutant["genre"]:
        case "FnValue":
            # What returns early and what returns at the end may be of two types there.
            if "impl " in mutant["function"]["return_type"]:
                raise NotPlantable
            return [(Entry(start, start, 0), replacement)]
        case "BinaryOperator":
            node = enclosing(node, "binary_expression", "compound_assignment_expr")
            operator = node.child_by_field_name("operator")
            if operator.start_byte != start:
                raise NotPlantable
            return [changed(source, node, start, end, replacement)]
        case "UnaryOperator":
            node = enclosing(node, "unary_expression")
            return [changed(source, node, start, end, "")]
        case "MatchArmGuard":
            return [(Instead(start, end, 1), replacement)]
        case "MatchArm":
            whole = enclosing(node, "match_expression")
            pattern = enclosing(node, "match_arm").child_by_field_name("pattern")
            guard = pattern.child_by_field_name("condition")
            if guard is None:
                arm = Arm(pattern.end_byte, pattern.end_byte, 0)
            else:
                arm = GuardedArm(guard.start_byte, guard.end_byte, 0)
            return [(Match(whole.start_byte, whole.end_byte, 3), ""), (arm, "")]
        case "StructField":
            node = enclosing(node, "struct_expression")
            after = end + 1 if source[end:end + 1] == b"," else end
            return [changed(source, node, start, after, "")]
    raise NotPlantable


def is_constant(node):
    """Whether the compiler computes it, which cannot ask for the environment."""
    while node and node.type not in ("function_item", "closure_expression"):
        if node.type in ("const_item", "static_item", "const_block"):
            return True
        node = node.parent
    modifiers = [it for it in node.children if it.type == "function_modifiers"] if node else []
    return any(b"const" in it.text.split() for it in modifiers)


def enclosing(node: Node, *kinds):
    while node.type not in kinds:
        if node.parent is None:
            raise NotPlantable
        node = node.parent
    return node


def changed(source, node, start, end, replacement):
    """An expression with a part of it replaced."""
    text = source[node.start_byte:start] + replacement.encode() + source[end:node.end_byte]
    return Instead(node.start_byte, node.end_byte, 2), text.decode()


def offset(source, position):
    """The byte of a line and a column in characters, which count from one."""
    line = source.split(b"\n")[position["line"] - 1]
    before = sum(len(it) + 1 for it in source.split(b"\n")[: position["line"] - 1])
    return before + len(line.decode()[: position["column"] - 1].encode())
