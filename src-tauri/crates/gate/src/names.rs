//! The bus names, paths and interfaces that the gate speaks, in one place. Must not know what is said.

use std::sync::Arc;

/// The name that every app sends its notifications to.
pub const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// The object that serves them.
pub const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// The bus itself.
pub(crate) const DBUS: &str = "org.freedesktop.DBus";
/// The bus's object.
pub(crate) const DBUS_PATH: &str = "/org/freedesktop/DBus";
pub(crate) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
pub(crate) const INTROSPECTABLE: &str = "org.freedesktop.DBus.Introspectable";
pub(crate) const PEER: &str = "org.freedesktop.DBus.Peer";
pub(crate) const INVALID_ARGS: &str = "org.freedesktop.DBus.Error.InvalidArgs";
pub(crate) const UNKNOWN_METHOD: &str = "org.freedesktop.DBus.Error.UnknownMethod";
pub(crate) const LIMITS_EXCEEDED: &str = "org.freedesktop.DBus.Error.LimitsExceeded";
pub(crate) const NOT_SUPPORTED: &str = "org.freedesktop.DBus.Error.NotSupported";
pub(crate) const READ_ONLY: &str = "org.freedesktop.DBus.Error.PropertyReadOnly";
pub(crate) const UNKNOWN_PROPERTY: &str = "org.freedesktop.DBus.Error.UnknownProperty";

/// A connection among those of all sessions: the bus's id and the unique name, since another bus gives `:1.7` out anew.
pub(crate) fn connection(bus: &str, unique: &str) -> Arc<str> {
    format!("{bus}/{unique}").into()
}

/// What introspection says: some clients look the signals up there (check 1).
pub(crate) const INTROSPECTION: &str = r#"<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node>
 <interface name="org.freedesktop.Notifications">
  <method name="Notify">
   <arg name="app_name" type="s" direction="in"/><arg name="replaces_id" type="u" direction="in"/>
   <arg name="app_icon" type="s" direction="in"/><arg name="summary" type="s" direction="in"/>
   <arg name="body" type="s" direction="in"/><arg name="actions" type="as" direction="in"/>
   <arg name="hints" type="a{sv}" direction="in"/><arg name="expire_timeout" type="i" direction="in"/>
   <arg name="id" type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg name="id" type="u" direction="in"/></method>
  <method name="GetCapabilities"><arg name="capabilities" type="as" direction="out"/></method>
  <method name="GetServerInformation">
   <arg name="name" type="s" direction="out"/><arg name="vendor" type="s" direction="out"/>
   <arg name="version" type="s" direction="out"/><arg name="spec_version" type="s" direction="out"/>
  </method>
  <method name="Inhibit">
   <arg name="desktop_entry" type="s" direction="in"/><arg name="reason" type="s" direction="in"/>
   <arg name="hints" type="a{sv}" direction="in"/><arg name="cookie" type="u" direction="out"/>
  </method>
  <method name="UnInhibit"><arg name="cookie" type="u" direction="in"/></method>
  <signal name="NotificationClosed"><arg name="id" type="u"/><arg name="reason" type="u"/></signal>
  <signal name="ActionInvoked"><arg name="id" type="u"/><arg name="action_key" type="s"/></signal>
  <signal name="ActivationToken"><arg name="id" type="u"/><arg name="activation_token" type="s"/></signal>
  <signal name="NotificationReplied"><arg name="id" type="u"/><arg name="text" type="s"/></signal>
  <property name="Inhibited" type="b" access="read"/>
 </interface>
 <interface name="org.freedesktop.DBus.Properties">
  <method name="Get"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/></method>
  <method name="GetAll"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
  <method name="Set"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="in"/></method>
  <signal name="PropertiesChanged"><arg type="s"/><arg type="a{sv}"/><arg type="as"/></signal>
 </interface>
 <interface name="org.freedesktop.DBus.Introspectable"><method name="Introspect"><arg type="s" direction="out"/></method></interface>
 <interface name="org.freedesktop.DBus.Peer">
  <method name="Ping"/><method name="GetMachineId"><arg type="s" direction="out"/></method>
 </interface>
</node>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_two_buses_gave_out_is_of_two_connections() {
        assert_eq!(&*connection("bus", ":1.7"), "bus/:1.7");
        assert_ne!(connection("earlier", ":1.7"), connection("bus", ":1.7"));
    }

    #[test]
    fn check_01_introspection_names_all_that_apps_look_up() {
        let wanted = ["method name=\"Notify\"", "method name=\"CloseNotification\"", "signal name=\"ActionInvoked\""];
        for what in wanted.into_iter().chain(["signal name=\"NotificationClosed\"", "property name=\"Inhibited\""]) {
            assert!(INTROSPECTION.contains(what), "{what}");
        }
    }
}
