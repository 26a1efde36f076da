//! The check of a queue, which needs no type of values.

use graven_core::layout::Invalid;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::Sequence;
use crate::engine::verify::{Audit, position_of};
use crate::queue::handles::Handles;
use crate::queue::heap;

/// Checks both sequences and, if they are whole, the order of the heap and the handles. Calls
/// `decode` with each key.
pub(crate) fn check<M: Memory>(
    values: &Sequence<M>,
    handles: &Handles<M>,
    audit: &mut Audit<'_>,
    decode: &dyn Fn(&[u8]) -> Result<(), Invalid>,
) -> Result<()> {
    let before = audit.count();
    audit.part(|audit| values.check(audit))?;
    audit.part(|audit| handles.rows.check(audit))?;
    if audit.count() > before {
        return Ok(());
    }
    audit.part(|_| handles.check_free(values.len()))?;
    audit.part(|audit| {
        for place in position_of(audit.resume())..values.len() {
            let checked = check_value(values, handles, place, decode);
            audit.note(checked)?;
            if audit.stops_before(&place.saturating_add(1).to_be_bytes()) {
                break;
            }
        }
        Ok(())
    })
}

fn check_value<M: Memory>(
    values: &Sequence<M>,
    handles: &Handles<M>,
    place: u64,
    decode: &dyn Fn(&[u8]) -> Result<(), Invalid>,
) -> Result<()> {
    let root = values.root();
    let broken = |reason| root.damaged(root.page(), reason);
    let element = heap::element_at(values, place)?;
    decode(heap::key_of(&element)).on_page(root, root.page())?;
    let parent = heap::element_at(values, heap::parent(place).unwrap_or(place))?;
    if heap::order(&parent, &element).is_lt() {
        return Err(broken(Damage::HeapOrder));
    }
    if handles.place_of(heap::handle_of(&element))? != Some(place) {
        return Err(broken(Damage::HandleMismatch));
    }
    Ok(())
}
