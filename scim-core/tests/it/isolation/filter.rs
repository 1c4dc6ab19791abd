//! Filters as text, and what they mean to a model.

use super::{
    ask::name_of,
    model::Comparison,
    play::World,
    step::{Filter, Kind, Term},
};

impl World {
    pub(super) fn filter_text(&self, by: usize, kind: Kind, filter: &Filter) -> Option<String> {
        let text = |term| self.term_text(by, kind, term);
        match filter {
            Filter::None => None,
            Filter::One(term) => Some(text(term)),
            Filter::Or(one, other) => Some(format!("{} or {}", text(one), text(other))),
            Filter::AndNot(one, other) => Some(format!("{} and not ({})", text(one), text(other))),
        }
    }

    fn term_text(&self, by: usize, kind: Kind, term: &Term) -> String {
        let (relation, related) = match kind {
            Kind::User => ("groups", Kind::Group),
            Kind::Group => ("members", Kind::User),
        };
        let id = |kind, pick| self.id(by, kind, pick);
        let url = |kind, pick| self.url(self.owner(by, pick), kind, &self.id(by, kind, pick));
        match term {
            Term::Name(name) => format!("{} eq \"name{name}\"", name_of(kind)),
            Term::Title(title) => format!("{} eq \"title{title}\"", title_of(kind)),
            Term::HasId => "id pr".to_owned(),
            Term::HasTitle => format!("{} pr", title_of(kind)),
            Term::Id(pick) => format!("id eq \"{}\"", id(kind, pick)),
            Term::Location(pick) => format!("meta.location eq \"{}\"", url(kind, pick)),
            Term::Related(pick) => format!("{relation}.value eq \"{}\"", id(related, pick)),
            Term::RelatedReference(pick) => {
                format!("{relation}[$ref eq \"{}\"]", url(related, pick))
            }
        }
    }

    pub(super) fn matches(&self, by: usize, kind: Kind, filter: &Filter) -> Vec<String> {
        let related = match kind {
            Kind::User => Kind::Group,
            Kind::Group => Kind::User,
        };
        let comparison = |term: &Term| match term {
            Term::Name(name) => Comparison::Name(format!("name{name}")),
            Term::Title(title) => Comparison::Title(format!("title{title}")),
            Term::HasId => Comparison::HasId,
            Term::HasTitle => Comparison::HasTitle,
            Term::Id(pick) | Term::Location(pick) => Comparison::Id(self.id(by, kind, pick)),
            Term::Related(pick) | Term::RelatedReference(pick) => {
                Comparison::Related(self.id(by, related, pick))
            }
        };
        let tenant = &self.tenants[by];
        let satisfies = |id: &str, term: &Term| tenant.satisfies(kind, id, &comparison(term));
        let is_match = |id: &String| match filter {
            Filter::None => true,
            Filter::One(term) => satisfies(id, term),
            Filter::Or(one, other) => satisfies(id, one) || satisfies(id, other),
            Filter::AndNot(one, other) => satisfies(id, one) && !satisfies(id, other),
        };
        tenant.ids(kind).into_iter().filter(is_match).collect()
    }
}

/// Groups have no titles, nor anything of that name.
fn title_of(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "title",
        Kind::Group => "externalId",
    }
}
