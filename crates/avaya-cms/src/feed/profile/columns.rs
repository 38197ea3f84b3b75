//! Where the fields of a record are.

/// Place of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The n-th field from 0, of a delimited line; the n-th group of a pattern.
    Field(usize),
    /// Characters from, to (exclusive), of a line of fixed width.
    Span(usize, usize),
}

/// Skills with their levels in one record: number, level, number, level, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkillPairs {
    /// The first number, from 0.
    pub first: usize,
    /// How many pairs.
    pub pairs: usize,
}

/// All fields that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The login ID.
    pub login: Column,
    /// The state.
    pub state: Column,
    /// The direction, where it is a field of its own.
    pub direction: Option<Column>,
    /// The AUX reason, number or name.
    pub aux_reason: Option<Column>,
    /// The skill of the call.
    pub skill: Option<Column>,
    /// The agent's level of it.
    pub skill_level: Option<Column>,
    /// The skill that the row is of, with rows per skill.
    pub row_skill: Option<Column>,
    /// The level of it.
    pub row_level: Option<Column>,
    /// The ACD.
    pub acd: Option<Column>,
    /// How long the state has lasted.
    pub duration: Option<Column>,
    /// The agent's name.
    pub name: Option<Column>,
    /// A flag that a call is on hold.
    pub hold: Option<Column>,
    /// Skills of the agent.
    pub skills: Option<SkillPairs>,
}
