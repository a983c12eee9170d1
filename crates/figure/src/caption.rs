//! What a figure is called, and what it tells.

/// A figure's name, title and story.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caption {
    name: String,
    title: String,
    story: String,
}

impl Caption {
    /// A figure of this name, which begins its ids: two of one name must not be on one page. `title` says what it shows.
    #[must_use]
    pub fn new(name: &str, title: &str) -> Self {
        Self { name: name.to_string(), title: title.to_string(), story: String::new() }
    }

    /// With a sentence or two on what there is to see; what the picture shows is told behind it, in words, by itself.
    #[must_use]
    pub fn story(self, story: &str) -> Self {
        Self { story: story.to_string(), ..self }
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// What ids begin with: `fig-` and the name, in characters that ids can have.
    pub(crate) fn id(&self) -> String {
        let name: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("fig-{name}")
    }

    /// The story, and `told` behind it.
    pub(crate) fn description(&self, told: &str) -> String {
        if self.story.is_empty() { told.to_string() } else { format!("{} {told}", self.story) }
    }
}
