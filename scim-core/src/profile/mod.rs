//! What is known of clients: their habits by name, and what the people behind them can do about an
//! error.

mod advice;
mod quirk;
mod sets;

use std::{fmt, str::FromStr};

pub(crate) use advice::advised;
pub use quirk::Quirk;

use crate::{
    config::{Behaviour, PatchAnswers, ResponseType},
    tolerance::Switch,
};

/// What is known of a client, as changes to the [`Behaviour`] of the server for its requests.
///
/// A profile is a list of names, applied in order: ready-made sets such as `entra` or `okta`,
/// single [`Quirk`]s such as `replace-upserts`, and `no-` before one to switch it off. Two more
/// take a value: `patch-answers-204=Group`, which without one means all resource types, and
/// `media-type=application/json`. `patch-answers-200` answers every PATCH with the resource.
/// `strict` starts over with every tolerance off; what the host decided besides, such as
/// [`Bulk::Off`](crate::Bulk::Off), it leaves alone.
///
/// It belongs to a server, by [`ScimServerBuilder::profile`](crate::ScimServerBuilder::profile),
/// or to a caller, by [`Actor::with_profile`](crate::Actor::with_profile): an authenticator may
/// choose it by token, tenant or path.
///
/// ```
/// use scim_core::{ClientProfile, Quirk};
///
/// let profile: ClientProfile = "entra,no-string-booleans".parse()?;
/// assert_eq!(profile, "entra".parse::<ClientProfile>()?.without(Quirk::StringBooleans));
///
/// let unknown = "entra,okto".parse::<ClientProfile>().unwrap_err();
/// assert!(unknown.to_string().starts_with("`okto` is no profile"));
/// # Ok::<_, scim_core::InvalidProfile>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientProfile(Vec<Setting>);

/// One change of the behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Setting {
    Strict,
    Quirk(Quirk, Switch),
    PatchAnswers(PatchAnswers),
    ResponseType(ResponseType),
}

/// A name that no set and no switch has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no profile; there are `{}` and `{}`", sets(), quirks())]
pub struct InvalidProfile {
    name: Box<str>,
}

impl ClientProfile {
    /// Every tolerance off: nothing but what the RFCs say.
    pub fn strict() -> Self {
        Self(vec![Setting::Strict])
    }

    /// Allows a habit of the client.
    #[must_use]
    pub fn with(self, quirk: Quirk) -> Self {
        self.and(Setting::Quirk(quirk, Switch::On))
    }

    /// Disallows a habit of the client.
    #[must_use]
    pub fn without(self, quirk: Quirk) -> Self {
        self.and(Setting::Quirk(quirk, Switch::Off))
    }

    /// Sets which PATCH requests are answered without the resource.
    #[must_use]
    pub fn patch_answers(self, choice: PatchAnswers) -> Self {
        self.and(Setting::PatchAnswers(choice))
    }

    /// Answers with this media type, whatever the client accepts.
    #[must_use]
    pub fn response_type(self, media_type: ResponseType) -> Self {
        self.and(Setting::ResponseType(media_type))
    }

    fn and(mut self, setting: Setting) -> Self {
        self.0.push(setting);
        self
    }

    /// The ready-made sets: the name of each, and what it is for.
    pub fn sets() -> impl Iterator<Item = (&'static str, &'static str)> {
        let strict = ("strict", "every tolerance off: nothing but what the RFCs say");
        sets::SETS.iter().map(|set| (set.name, set.reason)).chain([strict])
    }

    /// The behaviour of a server towards such a client.
    pub fn applied_to(&self, host: &Behaviour) -> Behaviour {
        let mut behaviour = host.clone();
        for setting in &self.0 {
            match setting {
                Setting::Strict => behaviour = host.without_tolerance(),
                Setting::Quirk(quirk, switch) => quirk.turn(*switch, &mut behaviour),
                Setting::PatchAnswers(choice) => behaviour.patch_answers.clone_from(choice),
                Setting::ResponseType(choice) => behaviour.response_type = Some(*choice),
            }
        }
        behaviour
    }

    /// Adds what one name stands for.
    fn read(&mut self, name: &str) -> Result<(), InvalidProfile> {
        if let Some(set) = sets::SETS.iter().find(|set| set.name == name) {
            return set.settings.split_terminator(',').try_for_each(|name| self.read(name));
        }
        let setting = Setting::read(name).ok_or_else(|| InvalidProfile { name: name.into() })?;
        // What a set says again, and what names of one resource type after another add up to.
        match (self.0.last_mut(), setting) {
            (
                Some(Setting::PatchAnswers(PatchAnswers::Briefly(known))),
                Setting::PatchAnswers(PatchAnswers::Briefly(added)),
            ) => known.extend(added),
            (_, setting) => self.0.push(setting),
        }
        Ok(())
    }
}

impl Setting {
    fn read(name: &str) -> Option<Self> {
        let (key, value) = match name.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (name, None),
        };
        match (key, value) {
            ("strict", None) => Some(Self::Strict),
            ("patch-answers-204", None) => Some(Self::PatchAnswers(PatchAnswers::AllBriefly)),
            ("patch-answers-200", None) => Some(Self::PatchAnswers(PatchAnswers::InFull)),
            ("patch-answers-204", Some(name)) => {
                Some(Self::PatchAnswers(PatchAnswers::Briefly(vec![name.into()])))
            }
            ("media-type", Some(name)) => {
                let choices = [ResponseType::Scim, ResponseType::Json];
                let choice = choices.into_iter().find(|choice| choice.as_str() == name)?;
                Some(Self::ResponseType(choice))
            }
            (name, None) => match (Quirk::named(name), name.strip_prefix("no-")) {
                (Some(quirk), _) => Some(Self::Quirk(quirk, Switch::On)),
                (None, Some(name)) => Some(Self::Quirk(Quirk::named(name)?, Switch::Off)),
                (None, None) => None,
            },
            _ => None,
        }
    }
}

/// Names joined by commas; spaces around them do not count.
impl FromStr for ClientProfile {
    type Err = InvalidProfile;

    fn from_str(text: &str) -> Result<Self, InvalidProfile> {
        let mut profile = Self::default();
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        for name in names {
            profile.read(name)?;
        }
        Ok(profile)
    }
}

/// As [`FromStr`] reads it, with sets spelt out.
impl fmt::Display for ClientProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, setting) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match setting {
                Setting::Strict => f.write_str("strict")?,
                Setting::Quirk(quirk, Switch::On) => f.write_str(quirk.as_str())?,
                Setting::Quirk(quirk, Switch::Off) => write!(f, "no-{}", quirk.as_str())?,
                Setting::PatchAnswers(PatchAnswers::Briefly(names)) => {
                    let names: Vec<_> =
                        names.iter().map(|name| format!("patch-answers-204={name}")).collect();
                    f.write_str(&names.join(","))?;
                }
                Setting::PatchAnswers(PatchAnswers::AllBriefly) => {
                    f.write_str("patch-answers-204")?;
                }
                Setting::PatchAnswers(PatchAnswers::InFull) => f.write_str("patch-answers-200")?,
                Setting::PatchAnswers(PatchAnswers::RelationsBriefly) => {}
                Setting::ResponseType(choice) => write!(f, "media-type={}", choice.as_str())?,
            }
        }
        Ok(())
    }
}

fn sets() -> String {
    ClientProfile::sets().map(|(name, _)| name).collect::<Vec<_>>().join("`, `")
}

fn quirks() -> String {
    let quirks = Quirk::ALL.into_iter().map(Quirk::as_str);
    quirks.chain(["patch-answers-204", "media-type=…"]).collect::<Vec<_>>().join("`, `")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Bulk, References, UniqueNames},
        store::UnknownTargets,
    };

    fn profile(text: &str) -> ClientProfile {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn behaviour(text: &str) -> Behaviour {
        profile(text).applied_to(&Behaviour::default())
    }

    #[test]
    fn every_set_can_be_read_and_printed() {
        for (name, reason) in ClientProfile::sets() {
            let read = profile(name);
            assert_eq!(profile(&read.to_string()), read, "{name}");
            assert!(!reason.is_empty(), "{name}");
        }
        assert_eq!(profile(""), ClientProfile::default());
        assert_eq!(behaviour(" , "), Behaviour::default());
    }

    #[test]
    fn every_quirk_changes_the_behaviour_and_can_be_switched_off() {
        for quirk in Quirk::ALL {
            let name = quirk.as_str();
            let on = behaviour(name);
            let off = behaviour(&format!("no-{name}"));
            assert_ne!(on, off, "{name}");
            assert_eq!(behaviour(&format!("{name},no-{name}")), off, "{name}");
            assert_eq!(Quirk::named(name), Some(quirk));
            // With every tolerance off, each can be allowed alone.
            assert_ne!(behaviour(&format!("strict,{name}")), Behaviour::strict(), "{name}");
            assert_eq!(behaviour(&format!("strict,no-{name}")), Behaviour::strict(), "{name}");
        }
    }

    #[test]
    fn names_are_applied_in_order() {
        assert_eq!(behaviour("strict"), Behaviour::strict());
        assert_eq!(behaviour("entra,strict"), Behaviour::strict());
        assert_ne!(behaviour("strict,entra"), Behaviour::strict());
        assert_eq!(
            behaviour("media-type=application/json").response_type,
            Some(ResponseType::Json)
        );
        let both = behaviour("patch-answers-204=Group,patch-answers-204=User").patch_answers;
        assert_eq!(both, PatchAnswers::Briefly(vec!["Group".into(), "User".into()]));
    }

    #[test]
    fn strict_takes_back_no_decision_of_the_host() {
        let host = Behaviour::default()
            .bulk(Bulk::Atomic)
            .references(References::Existing)
            .unique_names(UniqueNames::Groups)
            .response_type(Some(ResponseType::Json))
            .patch_answers(PatchAnswers::AllBriefly);
        let tolerant = host.clone().unknown_targets(UnknownTargets::Skip);
        for host in [&host, &tolerant] {
            let strict = profile("skip-unknown-members,strict").applied_to(host);
            assert_eq!((strict.bulk, strict.references), (host.bulk, host.references));
            assert_eq!(strict.unique_names, host.unique_names);
            assert_eq!(strict.response_type, host.response_type);
            assert_eq!(strict.patch_answers, host.patch_answers);
            assert_eq!(strict.rules, Behaviour::strict().rules);
            assert_eq!(strict.unknown_targets, UnknownTargets::Refuse);
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["okto", "no-entra", "no-", "media-type", "media-type=text/html", "strict=1"] {
            let error = name.parse::<ClientProfile>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{name}` is no profile")), "{error}");
            assert!(error.contains("entra-legacy") && error.contains("replace-upserts"), "{error}");
        }
    }
}
