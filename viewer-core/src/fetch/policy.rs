use std::fmt::Debug;

/// How a scheduler orders, limits and takes back its work. Constants of a type, so that what is not chosen
/// is not in the page's module; the network simulator of the tests compares others (ADR 26).
pub trait Policy: Copy + Debug {
    /// Requests at a time for what is not on the screen.
    const REQUESTS: Requests = Requests::Measured;
    /// What is taken back when something else comes on the screen.
    const ABORTING: Aborting = Aborting::Far;
    /// What is fetched next.
    const ORDER: Order = Order::Neighbours;
    /// What is asked for while a frame on the screen is on its way.
    const SCREEN: Screen = Screen::Measured;
    /// Which pictures are drawn before other frames are decoded.
    const PICTURE_FIRST: PictureFirst = PictureFirst::First;
}

/// The policy of the page.
#[derive(Clone, Copy, Debug)]
pub struct Chosen;

impl Policy for Chosen {}

/// How many requests are under way at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requests {
    /// As many as allowed.
    Most,
    /// As many as keep the connection and the workers busy, by what was measured of both.
    Measured,
}

/// What is asked for while a frame on the screen is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Nothing else.
    Alone,
    /// What comes next, too.
    Beside,
    /// Nothing else after a jump; after a step, nothing else where frames take longer to come than answers
    /// to begin.
    Measured,
}

/// Which requests are taken back when something else comes on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aborting {
    /// None.
    Never,
    /// Those that are not among the next that would be made.
    Far,
    /// All but those for the screen, as long as a frame on the screen is to come alone.
    Others,
}

/// In which order the frames of the shown series are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Outward from the frame on the screen.
    Neighbours,
    /// From the first to the last.
    Series,
}

/// Which pictures are drawn before other frames are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFirst {
    /// None: workers are never idle.
    Never,
    /// The first of the page.
    First,
    /// The first; during every other one half of the workers is idle.
    Every,
}
