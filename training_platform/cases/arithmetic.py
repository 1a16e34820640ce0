"""The four operations over the figures of a case's documents, and nothing else."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
SIGNS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "/"}


def evaluate(expression: str, cells: Mapping[str, float]) -> float:
    """Compute an expression; raise ValueError on anything but numbers, known cells, + - * / and parentheses."""
    return _value(_parse(expression), cells)


def spell_out(expression: str, cells: Mapping[str, float], write: Callable[[float], str]) -> str:
    """Return the expression with the figures in place of their names: ``12 / 25``."""
    return _spelt(_parse(expression), cells, write)


def _parse(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"not a calculation: {expression}") from error


def _value(node: ast.expr, cells: Mapping[str, float]) -> float:
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        try:
            return OPERATIONS[type(node.op)](_value(node.left, cells), _value(node.right, cells))
        except ZeroDivisionError as error:
            raise ValueError("division by zero") from error
    return _leaf(node, cells)


def _leaf(node: ast.expr, cells: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(ast.literal_eval(node))
    name = ast.unparse(node)
    if name not in cells:
        raise ValueError(f"unknown figure: {name}")
    return cells[name]


def _spelt(node: ast.expr, cells: Mapping[str, float], write: Callable[[float], str]) -> str:
    if not isinstance(node, ast.BinOp):
        return write(_leaf(node, cells))
    parts = []
    for side in (node.left, node.right):
        text = _spelt(side, cells, write)
        bracketed = isinstance(side, ast.BinOp) and not (
            isinstance(node.op, ast.Add) or (side is node.left and isinstance(side.op, type(node.op)))
        )
        parts.append(f"({text})" if bracketed else text)
    return f"{parts[0]} {SIGNS[type(node.op)]} {parts[1]}"
