//! The reasons why a cursor cannot be used.

/// The reason why a collection cannot continue from a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorFault {
    /// A cursor in a format that this code does not know.
    #[error("it has a format that this code does not know")]
    UnknownFormat,
    /// A cursor that is too short or too long.
    #[error("it is too short or too long")]
    WrongLength,
    /// A cursor without a direction.
    #[error("it goes neither forward nor backward")]
    NoDirection,
    /// A cursor of another collection.
    #[error("it belongs to another collection")]
    OtherCollection,
    /// A cursor that was changed, or that belongs to another store.
    #[error("it was changed, or belongs to another collection")]
    Changed,
    /// A cursor without a position.
    #[error("it has no position")]
    NoPosition,
    /// A cursor whose key is longer or shorter than keys of the collection.
    #[error("its key is longer or shorter than the collection's")]
    WrongKeyLength,
    /// A backward cursor where entries have no order.
    #[error("it goes backward, but the entries have no order")]
    Unordered,
    /// A backward cursor where entries are changed.
    #[error("it goes backward, but changes are made forward")]
    ForwardOnly,
}
