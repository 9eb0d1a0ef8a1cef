//! Which links lead back, so that all others lead one way.

use super::Sound;
use super::table::Table;

/// For every link the sources that come after its target, from where it leads back: in the order in which the nodes came, in
/// which whoever wrote a machine thought it runs; and in that of P. Eades, X. Lin, W. F. Smyth, *A fast and effective
/// heuristic for the feedback arc set problem* (1993), in which fewer links may lead back.
pub(super) fn back(input: &Sound) -> [Table<Vec<usize>>; 2] {
    [own_order(input), greedy(input)].map(|rank| {
        let later = |link: &super::Link| -> Vec<usize> {
            link.sources.iter().copied().filter(|source| rank[*source] > rank[link.target]).collect()
        };
        input.links.iter().map(later).collect::<Vec<_>>().into()
    })
}

/// Strongly connected parts in the order in which links lead from one to the next, the nodes of each as they came.
fn own_order(input: &Sound) -> Table<usize> {
    let part = parts(input);
    let mut nodes: Vec<usize> = (0..input.nodes.len()).collect();
    nodes.sort_by_key(|node| (part[*node], Some(*node) != input.first, *node));
    ranks(&nodes)
}

fn ranks(order: &[usize]) -> Table<usize> {
    let mut rank = Table::new(order.len());
    for (place, node) in order.iter().enumerate() {
        rank[*node] = place;
    }
    rank
}

fn successors(input: &Sound) -> Table<Vec<usize>> {
    let mut out: Table<Vec<usize>> = Table::new(input.nodes.len());
    for link in input.links.iter() {
        for source in &link.sources {
            out[*source].push(link.target);
        }
    }
    out
}

/// The number of the strongly connected part of each node, in topological order (R. Tarjan, 1972, without recursion).
fn parts(input: &Sound) -> Table<usize> {
    let count = input.nodes.len();
    let out = successors(input);
    let mut seen: Table<Option<usize>> = Table::new(count);
    let mut low: Table<usize> = Table::new(count);
    let mut closed: Table<bool> = Table::new(count);
    let mut part: Table<usize> = Table::new(count);
    let (mut stack, mut time, mut parts) = (Vec::new(), 0, 0);
    for start in 0..count {
        if seen[start].is_some() {
            continue;
        }
        let mut open = vec![(start, 0)];
        while let Some((node, next)) = open.pop() {
            if next == 0 {
                seen[node] = Some(time);
                low[node] = time;
                time += 1;
                stack.push(node);
            }
            if let Some(child) = out[node].get(next).copied() {
                open.push((node, next + 1));
                match seen[child] {
                    None => open.push((child, 0)),
                    Some(at) if !closed[child] => low[node] = low[node].min(at),
                    Some(_) => {}
                }
                continue;
            }
            if Some(low[node]) == seen[node] {
                while let Some(member) = stack.pop() {
                    closed[member] = true;
                    part[member] = parts;
                    if member == node {
                        break;
                    }
                }
                parts += 1;
            }
            if let Some((parent, _)) = open.last().copied() {
                low[parent] = low[parent].min(low[node]);
            }
        }
    }
    // Parts are found from the end.
    for number in part.iter_mut() {
        *number = parts - 1 - *number;
    }
    part
}

/// Takes away sources from the front, sinks from the back, and otherwise the node with the most links out less links in.
fn greedy(input: &Sound) -> Table<usize> {
    let count = input.nodes.len();
    let out = successors(input);
    let mut into: Table<Vec<usize>> = Table::new(count);
    let mut balance: Table<(i64, i64)> = Table::new(count);
    for (node, targets) in out.iter().enumerate() {
        for target in targets {
            into[*target].push(node);
            balance[node].0 += 1;
            balance[*target].1 += 1;
        }
    }
    let mut left: Vec<usize> = (0..count).collect();
    let (mut front, mut rear) = (Vec::new(), Vec::new());
    let mut next = input.first;
    while !left.is_empty() {
        let choice = next.take().unwrap_or_else(|| {
            let sink = left.iter().rev().find(|node| balance[**node].0 == 0);
            let source = || left.iter().find(|node| balance[**node].1 == 0);
            let most = || {
                left.iter().max_by_key(|node| (balance[**node].0 - balance[**node].1, usize::MAX - **node))
            };
            sink.or_else(source).or_else(most).copied().unwrap_or_default()
        });
        if balance[choice].0 == 0 && Some(choice) != input.first {
            rear.push(choice);
        } else {
            front.push(choice);
        }
        left.retain(|node| *node != choice);
        for target in &out[choice] {
            balance[*target].1 -= 1;
        }
        for source in &into[choice] {
            balance[*source].0 -= 1;
        }
    }
    rear.reverse();
    front.extend(rear);
    ranks(&front)
}
