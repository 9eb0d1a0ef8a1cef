//! Views: pure folds over the blocks of a chain.

use super::eval::{Exec, Fold};
use super::{EXECUTOR, Interpreter, zero};
use crate::chain::{Block, RawBlock, Segment};
use crate::fault::FaultKind;
use crate::ir::{View, ViewHandler};
use crate::machine::{Env, Raised, ViewKey, rules};
use crate::value::{RecordValue, Value};
use crate::wire;
use std::sync::Arc;

impl Interpreter {
    /// A view of a chain outside any step, as tools show it: canonical bytes of its record.
    ///
    /// # Errors
    /// There is no such view, or it faults: then the chain is not valid.
    pub fn view(&self, name: &str, chain: &Segment, env: &mut dyn Env) -> Result<Vec<u8>, FaultKind> {
        let mut exec = Exec::outside(&self.package, env)?;
        exec.view(name, chain).map(|view| wire::to_bytes(&view)).map_err(|raised| raised.kind)
    }
}

impl<'p> Exec<'p, '_> {
    /// `VIEW(name, chain)`. What was folded before is taken from the cache and extended block by block.
    pub(super) fn view(&mut self, name: &str, chain: &Segment) -> Result<Value, Raised> {
        let protocol = self.protocol();
        let view = protocol.views.get(name).ok_or_else(|| FaultKind::internal("no such view"))?;
        if !chain.is_complete() {
            return Err(rules::headless_segment(name).into());
        }
        let key = |block: &RawBlock| ViewKey {
            protocol: self.package.id,
            executor: EXECUTOR,
            view: name.to_owned(),
            block: block.hash(),
        };
        let mut remembered: Option<Arc<RecordValue>> = None;
        let (_, blocks) = chain.blocks_above(|block| {
            let state = self.env.views().get(&key(block));
            remembered = state.and_then(|state| state.downcast::<RecordValue>().ok());
            remembered.is_some()
        });
        let mut state = remembered.unwrap_or_else(|| {
            let fields = view.fields.iter().map(|(name, field)| (Arc::from(name.as_str()), zero(&field.ty)));
            Arc::new(fields.collect())
        });
        for block in blocks {
            state = self.fold(name, view, state, block)?;
        }
        if let Some(head) = chain.head() {
            self.env.views().put(key(head), Arc::clone(&state) as Arc<_>);
        }
        Ok(Value::Record(state))
    }

    /// One block: the first handler in source order whose kind and guard fit is applied.
    fn fold(
        &mut self,
        name: &str,
        view: &'p View,
        state: Arc<RecordValue>,
        block: &Arc<RawBlock>,
    ) -> Result<Arc<RecordValue>, Raised> {
        let mut handlers = view.handlers.iter().filter(|handler| handler.block == block.kind()).peekable();
        let Some(first) = handlers.peek() else { return Ok(state) };
        let broken =
            |raised: Raised| Raised { kind: rules::broken_view(name, block, &raised.kind), ..raised };
        let payload = self.block_payload(&first.block, block).map_err(broken)?;
        let value = Value::Block(Arc::new(Block::new(Arc::clone(block), payload)));
        // A view may look at another one, so there may be a fold going on already.
        let outer = self.fold.replace(Fold { fields: Arc::unwrap_or_clone(state), block: value });
        let result = handlers.try_fold(false, |done, handler| Ok(done || self.handle(handler)?));
        let inner = std::mem::replace(&mut self.fold, outer);
        result.map_err(broken)?;
        Ok(Arc::new(inner.map(|fold| fold.fields).unwrap_or_default()))
    }

    /// Applies a handler if its guard holds.
    fn handle(&mut self, handler: &'p ViewHandler) -> Result<bool, Raised> {
        self.framed(handler.frame.len(), Vec::new(), |exec| {
            if let Some(guard) = &handler.guard
                && !exec.holds(guard)?
            {
                return Ok(false);
            }
            exec.actions(&handler.actions)?;
            Ok(true)
        })
    }
}
