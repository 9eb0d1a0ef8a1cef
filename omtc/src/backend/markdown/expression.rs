//! Expressions as text: what stands in the source, without the conversions that the compiler made explicit.

use omt_runtime::ir::{BinaryOp, Expr, ExprKind, Local, UnaryOp};

/// How tightly an expression binds; an operand that binds less is put in parentheses.
type Binding = u8;

const LOOSE: Binding = 0;
const OR: Binding = 2;
const AND: Binding = 3;
const NOT: Binding = 4;
const COMPARE: Binding = 5;
const SUM: Binding = 6;
const PRODUCT: Binding = 7;
const UNARY: Binding = 8;
const TIGHT: Binding = 9;

/// Text of an expression whose locals live in `frame`.
pub fn text(expr: &Expr, frame: &[Local]) -> String {
    render(expr, frame).0
}

/// Name of a slot.
pub fn local(frame: &[Local], slot: u32) -> String {
    match frame.get(slot as usize) {
        Some(local) if !local.meta.name.is_empty() => local.meta.name.clone(),
        _ => format!("local{slot}"),
    }
}

/// A function without the types that an instance of a generic one carries.
pub fn function_name(name: &str) -> &str {
    name.split_once('<').map_or(name, |(plain, _)| plain)
}

fn list(items: &[Expr], frame: &[Local]) -> String {
    items.iter().map(|e| text(e, frame)).collect::<Vec<_>>().join(", ")
}

fn operand(expr: &Expr, frame: &[Local], least: Binding) -> String {
    let (text, binding) = render(expr, frame);
    if binding < least { format!("({text})") } else { text }
}

fn infix(op: BinaryOp) -> (&'static str, Binding) {
    match op {
        BinaryOp::Add | BinaryOp::Concat => ("+", SUM),
        BinaryOp::Subtract => ("-", SUM),
        BinaryOp::Multiply => ("*", PRODUCT),
        BinaryOp::Divide => ("/", PRODUCT),
        BinaryOp::FloorDivide => ("//", PRODUCT),
        BinaryOp::Remainder => ("%", PRODUCT),
        BinaryOp::Equal => ("==", COMPARE),
        BinaryOp::NotEqual => ("!=", COMPARE),
        BinaryOp::Less => ("<", COMPARE),
        BinaryOp::LessEqual => ("<=", COMPARE),
        BinaryOp::Greater => (">", COMPARE),
        BinaryOp::GreaterEqual => (">=", COMPARE),
        BinaryOp::In => ("in", COMPARE),
        BinaryOp::And => ("and", AND),
        BinaryOp::Or => ("or", OR),
    }
}

fn render(expr: &Expr, frame: &[Local]) -> (String, Binding) {
    let tight = |text: String| (text, TIGHT);
    match &expr.kind {
        ExprKind::Integer(n) => tight(n.to_string()),
        ExprKind::Float(x) => tight(x.to_string()),
        ExprKind::Bool(b) => tight(b.to_string()),
        ExprKind::Text(text) => tight(format!("\"{text}\"")),
        ExprKind::Null => tight("null".to_owned()),
        ExprKind::EnumValue(_, name)
        | ExprKind::Parameter(name)
        | ExprKind::Store(name)
        | ExprKind::Shared(name)
        | ExprKind::ViewField(name)
        | ExprKind::Argument(name) => tight(name.clone()),
        ExprKind::Local(slot) => tight(local(frame, *slot)),
        ExprKind::Load(name) => tight(format!("LOAD({name})")),
        ExprKind::CurrentBlock => tight("block".to_owned()),
        ExprKind::TaskResult => tight("result".to_owned()),
        ExprKind::Payload => tight("message.payload".to_owned()),
        ExprKind::Sender => tight("message.sender".to_owned()),
        ExprKind::SignedMessage => tight("message.signed".to_owned()),
        ExprKind::Session => tight("message.session".to_owned()),
        ExprKind::SelfId => tight("peer_id".to_owned()),
        ExprKind::OwnChain => tight("chain".to_owned()),
        ExprKind::Field(of, name) if of.kind == ExprKind::Payload => tight(format!("message.{name}")),
        ExprKind::Field(of, name) => tight(format!("{}.{name}", operand(of, frame, TIGHT))),
        ExprKind::Index(of, key) => tight(format!("{}[{}]", operand(of, frame, TIGHT), text(key, frame))),
        ExprKind::Record(fields) => {
            let fields: Vec<String> = fields.iter().map(|(n, e)| format!("{n} {}", text(e, frame))).collect();
            tight(format!("{} {{ {} }}", expr.ty, fields.join(", ")))
        }
        ExprKind::List(items) => tight(format!("[{}]", list(items, frame))),
        ExprKind::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(k, v)| format!("{} {}", text(k, frame), text(v, frame))).collect();
            tight(format!("{{{}}}", entries.join(", ")))
        }
        ExprKind::Let(slot, value, body) => {
            (format!("let {} = {}: {}", local(frame, *slot), text(value, frame), text(body, frame)), LOOSE)
        }
        ExprKind::Unary(UnaryOp::Not, of) => (format!("not {}", operand(of, frame, NOT)), NOT),
        ExprKind::Unary(UnaryOp::Negate, of) => (format!("-{}", operand(of, frame, UNARY)), UNARY),
        ExprKind::Binary(op, a, b) => {
            let (sign, binding) = infix(*op);
            // Comparisons do not associate, the others do so to the left.
            let least_left = if binding == COMPARE { SUM } else { binding };
            let (a, b) = (operand(a, frame, least_left), operand(b, frame, binding.saturating_add(1)));
            (format!("{a} {sign} {b}"), binding)
        }
        ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
            let (sign, binding) = infix(*op);
            let (n, d) = (operand(numerator, frame, PRODUCT), operand(denominator, frame, UNARY));
            (format!("{n} / {d} {sign} {}", operand(fraction, frame, SUM)), binding)
        }
        ExprKind::If(condition, then, otherwise) => (
            format!(
                "if {} then {} else {}",
                text(condition, frame),
                operand(then, frame, COMPARE),
                operand(otherwise, frame, LOOSE)
            ),
            LOOSE,
        ),
        ExprKind::Call(name, arguments) => {
            tight(format!("{}({})", function_name(name), list(arguments, frame)))
        }
        ExprKind::Native(name, arguments) => tight(format!("{name}({})", list(arguments, frame))),
        ExprKind::CallLocal(slot, arguments) => {
            tight(format!("{}({})", local(frame, *slot), list(arguments, frame)))
        }
        ExprKind::Builtin(builtin, arguments) => {
            tight(format!("{}({})", builtin.name(), list(arguments, frame)))
        }
        ExprKind::View(name, of) => tight(format!("VIEW({name}, {})", text(of, frame))),
        ExprKind::Lambda(slots, body) => {
            let names: Vec<String> = slots.iter().map(|slot| local(frame, *slot)).collect();
            (format!("{} => {}", names.join(" => "), text(body, frame)), LOOSE)
        }
        ExprKind::Convert(_, of) => render(of, frame),
    }
}
